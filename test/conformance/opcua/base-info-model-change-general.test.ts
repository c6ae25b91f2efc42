import { expect, it } from "vitest";
import { until } from "../../support/until.ts";
import { conformanceUnit } from "./conformance.ts";
import { watchEvents } from "./events.ts";

conformanceUnit("Base Info Model Change General", (context) => {
  it("tells when a device came, and when it is gone", async () => {
    const { client, fixture } = context();
    const seen = await watchEvents(client, "GeneralModelChangeEventType", ["Changes"]);
    const { package: pkg } = fixture.device("CB-0001");
    const changesOf = (nodeId: string): number[] =>
      seen
        .flatMap(([changes]) => changes as { affected: { toString(): string }; verb: number }[])
        .filter(({ affected }) => affected.toString() === nodeId)
        .map(({ verb }) => verb);

    const device = fixture.addDevice("CB-COMES", pkg);
    await until("the event of the arrival", 5_000, () => changesOf("ns=1;s=CB-COMES").includes(1) || undefined);
    fixture.fleet.registry.remove(device.id);

    await until("the event of the removal", 5_000, () => changesOf("ns=1;s=CB-COMES").includes(2) || undefined);
    expect((await client.read("ns=1;s=CB-COMES/CurrentPhaseA")).statusCode.name).toBe("BadNodeIdUnknown");
  });
});
