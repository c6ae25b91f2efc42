import { describe, expect, it } from "vitest";
import { AddCause } from "#model/add-cause.ts";
import { CommandError } from "#model/command.ts";
import { codeOf, controlFleet, execute, outcomeOf, settled, user } from "../../support/control-fleet.ts";

const anna = user("operator", "anna");
const otto = user("operator", "otto");

function openBreaker() {
  const fleet = controlFleet({ selectBeforeClose: true });
  fleet.sample("Position", 1);
  return { fleet, commands: fleet.control.commands, device: fleet.breaker };
}

function causeOf(action: () => unknown): number | undefined {
  try {
    action();
  } catch (error) {
    return error instanceof CommandError ? error.outcome.addCause : undefined;
  }
  return undefined;
}

describe("a Close that wants to be selected before", () => {
  it("is refused without a selection, and done once with one", async () => {
    const { fleet, commands, device } = openBreaker();
    expect(await outcomeOf(execute(fleet, "Close", anna))).toMatchObject({
      result: "not-sent",
      addCause: AddCause.objectNotSelected,
    });

    const selection = commands.select(device, "Close", anna);
    expect(selection).toMatchObject({ command: "Close", timeoutMs: 30_000 });
    const close = execute(fleet, "Close", anna);
    await settled();
    fleet.sample("Position", 2);
    await expect(close).resolves.toMatchObject({ result: "confirmed" });

    fleet.sample("Position", 1);
    expect(await codeOf(execute(fleet, "Close", anna))).toBe("not-selected");
  });

  it("is for one holder: nobody else selects, closes or cancels meanwhile", async () => {
    const { fleet, commands, device } = openBreaker();
    const { token } = commands.select(device, "Close", anna);

    expect(causeOf(() => commands.select(device, "Close", otto))).toBe(AddCause.lockedByOtherClient);
    expect(causeOf(() => commands.select(device, "Close", anna))).toBe(AddCause.objectAlreadySelected);
    expect(await outcomeOf(execute(fleet, "Close", otto))).toMatchObject({ addCause: AddCause.lockedByOtherClient });
    expect(causeOf(() => commands.cancelSelection(device, token, otto))).toBe(AddCause.objectNotSelected);
    expect(causeOf(() => commands.cancelSelection(device, "another", anna))).toBe(AddCause.objectNotSelected);

    commands.cancelSelection(device, token, anna);
    expect(commands.select(device, "Close", otto).token).not.toBe(token);
  });

  it("is not possible any more when the selection has lapsed, or its session has ended", async () => {
    const { fleet, commands, device } = openBreaker();
    commands.select(device, "Close", anna);
    fleet.clock.advance(30_000);
    expect(await outcomeOf(execute(fleet, "Close", anna))).toMatchObject({ addCause: AddCause.timeLimitOver });

    commands.select(device, "Close", anna);
    fleet.control.sessionEnded("session of anna");
    expect(await outcomeOf(execute(fleet, "Close", anna))).toMatchObject({ addCause: AddCause.objectNotSelected });
  });

  it("cannot be selected when it could not be done: role, lock, interlock, presence", () => {
    const { fleet, commands, device } = openBreaker();
    const codes = () => {
      try {
        commands.select(device, "Close", anna);
        return "selected";
      } catch (error) {
        return error instanceof CommandError ? error.code : "another error";
      }
    };

    fleet.sample("TripState", 1);
    expect(codes()).toBe("interlocked");
    fleet.sample("TripState", 0);
    fleet.control.locks.init(device, otto, "");
    expect(codes()).toBe("device-locked");
    fleet.control.locks.exit(device, otto);
    fleet.ingest.presence(device, "stale", fleet.clock.now(), "silence");
    expect(codes()).toBe("device-offline");
    expect(causeOf(() => commands.select(device, "Close", user("viewer")))).toBe(AddCause.noAccessAuthority);
    expect(causeOf(() => commands.select(device, "Trip", anna))).toBe(AddCause.inconsistentParameters);
  });

  it("leaves Trip alone, which needs no selection", async () => {
    const { fleet, commands, device } = openBreaker();
    fleet.sample("Position", 2);
    commands.select(device, "Close", otto);
    const trip = execute(fleet, "Trip", anna);
    await settled();
    fleet.sample("Position", 1);

    await expect(trip).resolves.toMatchObject({ result: "confirmed" });
  });
});
