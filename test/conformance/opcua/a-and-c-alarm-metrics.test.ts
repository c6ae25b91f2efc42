import { DataType } from "node-opcua-client";
import { expect, it } from "vitest";
import { openDesk } from "./alarm-desks.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("A & C Alarm Metrics", (context) => {
  it("counts alarms and says how long they stand, until it is reset", async () => {
    const { client, fixture } = context();
    const desk = await openDesk(context());
    const root = await client.browse("/1:Fleet/1:AlarmMetrics");
    const metric = async (name: string): Promise<number> =>
      Number((await client.read(await client.browse(`/1:Fleet/1:AlarmMetrics/${name}`))).value.value);
    const reset = await client.browse("/1:Fleet/1:AlarmMetrics/Reset");
    expect((await client.call(root, reset)).name).toBe("Good");

    fixture.feed("CB-0011", { Temperature: 81 });
    await desk.see("CB-0011/TemperatureHigh", { "ActiveState/Id": true });
    const counted = await metric("AlarmCount");
    fixture.fleet.clock.advance(1_000);
    fixture.feed("CB-0011", { Temperature: 20 });
    const rate = await client.read(await client.browse("/1:Fleet/1:AlarmMetrics/CurrentAlarmRate/Rate"));

    expect(counted).toBeGreaterThanOrEqual(1);
    expect(await metric("CurrentAlarmRate")).toBeGreaterThanOrEqual(1);
    expect(await metric("MaximumAlarmRate")).toBeGreaterThanOrEqual(await metric("CurrentAlarmRate"));
    expect(rate.value).toMatchObject({ dataType: DataType.UInt16, value: 60 });
    expect((await client.call(root, reset)).name).toBe("Good");
    expect(await metric("AlarmCount")).toBe(0);
  });
});
