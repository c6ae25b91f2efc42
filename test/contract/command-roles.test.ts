import { DataType, type VariantLike } from "node-opcua-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ArgumentShape, methodShapesOf } from "#opcua/method-arguments.ts";
import { ControlServer, float, text, type UserName, userNames } from "../support/control-server.ts";

/** Who may do what: every method of a breaker, every kind of Reset, writes and locks, for every role, over the wire. */

const everyone: readonly UserName[] = ["viewer", "operator", "maintenance", "admin"];
const operators: readonly UserName[] = ["operator", "maintenance", "admin"];
const maintainers: readonly UserName[] = ["maintenance", "admin"];
const administrators: readonly UserName[] = ["admin"];

/** One row per method; a method that is missing here fails the test. */
const allowed: Readonly<Record<string, readonly UserName[]>> = {
  Trip: operators,
  Close: operators,
  "Reset Alarms": operators,
  "Reset Counters": maintainers,
  "Reset ThermalMemory": administrators,
  SelfTest: maintainers,
  ProtectionTest: maintainers,
  Diagnosis: maintainers,
  CommunicationTest: operators,
  AbortTest: operators,
  GetTestReport: everyone,
  Select: operators,
  Cancel: operators,
  ApplyTemplate: maintainers,
  GetConfiguration: everyone,
  AcceptConfiguration: maintainers,
  "write a setting": maintainers,
  InitLock: operators,
  BreakLock: administrators,
};

let server: ControlServer;

beforeAll(async () => {
  server = await ControlServer.start();
}, 60_000);

afterAll(() => server?.[Symbol.asyncDispose]());

/** Tests are refused by the device: none of them is left running. */
function prepare(): void {
  server.reset();
  const { transport, ingest } = server.fleet;
  const obey = transport.onSend;
  transport.onSend = (device, command) => {
    const refusal = { accepted: false, reason: "not now", at: 0 };
    if (command.spec.effect !== "test") obey(device, command);
    else ingest.acknowledged(device, { correlationId: command.correlationId, ...refusal });
  };
}

beforeEach(prepare);

/** Arguments of the right type that are otherwise of no use: all that matters is whether the role is let through. */
function plausible({ name, dataType }: ArgumentShape): VariantLike {
  if (dataType === DataType.Guid) return { dataType, value: "11111111-1111-1111-1111-111111111111" };
  return text(name === "Operation" ? "Close" : name === "Template" ? "Motor" : "");
}

async function isDenied(user: UserName, method: string, inputs: VariantLike[]): Promise<boolean> {
  return (await server.call(user, method, inputs)).statusCode.name === "BadUserAccessDenied";
}

async function whoMay(attempt: (user: UserName) => Promise<boolean>): Promise<UserName[]> {
  const allowedUsers: UserName[] = [];
  for (const user of userNames) {
    prepare();
    if (!(await attempt(user))) allowedUsers.push(user);
  }
  return allowedUsers;
}

const shapes = () => methodShapesOf(server.package);

describe("roles and actions", () => {
  it("has a row for every method", () => {
    const rows = new Set(Object.keys(allowed).map((row) => row.split(" ")[0]));

    expect(shapes().filter(({ name }) => !rows.has(name))).toEqual([]);
  });

  it.each(Object.keys(allowed).filter((row) => !/ |Lock$/.test(row)))("%s", async (name) => {
    const inputs = shapes().find((shape) => shape.name === name)?.inputs ?? [];

    expect(await whoMay((user) => isDenied(user, name, inputs.map(plausible)))).toEqual(allowed[name]);
  });

  it.each(["Alarms", "Counters", "ThermalMemory"])("Reset %s", async (kind) => {
    expect(await whoMay((user) => isDenied(user, "Reset", [text(kind)]))).toEqual(allowed[`Reset ${kind}`]);
  });

  it("write a setting", async () => {
    const attempt = async (user: UserName) =>
      (await server.write(user, [["CB-1/ThermalPickup", float(200)]]))[0] === "BadUserAccessDenied";

    expect(await whoMay(attempt)).toEqual(allowed["write a setting"]);
  });

  it.each(["InitLock", "BreakLock"] as const)("%s", async (method) => {
    const attempt = async (user: UserName) => {
      const client = await server.as(user);
      const { status } = await server.lock(client, method, method === "InitLock" ? [text("")] : []);
      return status === "BadUserAccessDenied";
    };

    expect(await whoMay(attempt)).toEqual(allowed[method]);
  });
});
