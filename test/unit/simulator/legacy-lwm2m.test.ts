import { beforeEach, describe, expect, it } from "vitest";
import { LegacyLwM2mSpeaker } from "#simulator/lwm2m/legacy-speaker.ts";
import { TalkingDevice } from "./support/talking-device.ts";

let talk: TalkingDevice;

beforeEach(() => {
  talk = new TalkingDevice((device, context) => new LegacyLwM2mSpeaker(device, context));
});

describe("the legacy LwM2M dialect", () => {
  it("registers with ids as texts and everything it has", () => {
    talk.speaker.connected();

    expect(talk.takeJson("lwm2m/CB-0001/reg")[0]).toMatchObject({
      endpoint: "CB-0001",
      lifetime: 120,
      version: "1.2",
      bindingMode: "UQ",
      objects: {
        "3": { "0": { "1": "MCCB 250 LSIG" } },
        "3200": { "0": { "0": 1, "14": "", "15": "", "24": 1, "25": true, "30": 1 } },
        "3201": { "0": { "0": 1000, "6": 250, "10": true } },
      },
    });
  });

  it("repeats everything in each update, without resource 28", () => {
    talk.speaker.reportDue(talk.device);

    const [update] = talk.takeJson("lwm2m/CB-0001/update");
    expect(update).toHaveProperty(["objects", "3200", "0", "29"], 0);
    expect(update).not.toHaveProperty(["objects", "3200", "0", "28"]);
  });

  it("collects fast updates in bulk messages of ten", () => {
    const fast = new TalkingDevice((device, context) => new LegacyLwM2mSpeaker(device, context), 5);
    for (let i = 0; i < 10; i += 1) fast.speaker.reportDue(fast.device);

    const bulks = fast.takeJson("lwm2m/CB-0001/bulk");
    expect(bulks).toHaveLength(1);
    expect(bulks[0]).toMatchObject({ device_id: "CB-0001", bulk_size: 10 });
    expect(bulks[0]).toHaveProperty("bulk_operations.9.operation", "update");
  });

  it("tells a trip as an event with time without zone, then in the next update", () => {
    talk.device.breaker.inject({ kind: "bolted", amps: 12_000 }, 1_000);
    talk.pass(200);
    talk.speaker.reportChanges(talk.device);

    const [event, update] = talk.take();
    expect(event?.topic).toBe("lwm2m/CB-0001/event");
    expect(JSON.parse(event?.payload.toString("utf8") ?? "")).toMatchObject({
      event_type: "breaker_trip",
      reason: "Instantaneous",
      breaker_status: 2,
      trip_count: 1,
      timestamp: expect.stringMatching(/^2026-01-05T09:00:00\.\d{6}$/) as string,
    });
    expect(JSON.parse(update?.payload.toString("utf8") ?? "")).toHaveProperty(["objects", "3200", "0", "0"], 2);
  });

  it("carries out a command word on any cmd topic and answers on resp", () => {
    talk.hear("lwm2m/CB-0001/cmd/trip", { command: "trip", id: 9 });
    expect(talk.takeJson("lwm2m/CB-0001/resp/trip")).toMatchObject([{ id: 9, status: "accepted", result: 0 }]);

    talk.pass(100);
    talk.speaker.reportChanges(talk.device);
    const states = talk.takeJson("lwm2m/CB-0001/update");
    expect(states.at(-1)).toHaveProperty(["objects", "3200", "0", "0"], 0);
  });

  it("writes the settings of a configure command and refuses those out of range", () => {
    const configure = (settings: object): void =>
      talk.hear("lwm2m/CB-0001/cmd/configure", { command: "configure", settings });

    configure({ OvercurrentPickup: { value: 800 }, GroundFaultDelay: { value: 100 } });
    expect(talk.device.breaker.settings).toMatchObject({ OvercurrentPickup: 800, GroundFaultDelay: 100 });
    talk.take();
    configure({ OvercurrentPickup: { value: 1 } });
    expect(talk.takeJson("lwm2m/CB-0001/resp/configure")).toMatchObject([
      { status: "rejected", reason: "OvercurrentPickup 1 A is below 150 A" },
    ]);
  });

  it("answers get_configuration on its config topic", () => {
    talk.hear("lwm2m/CB-0001/cmd/get_configuration", { command: "get_configuration" });

    expect(talk.takeJson("lwm2m/CB-0001/config")).toMatchObject([
      { configuration: { overcurrent_pickup: 1000, rated_current: 250, pole_count: 3 } },
    ]);
  });

  it("understands read, write and execute by object and resource", () => {
    const cmd = (verb: string, more: object): unknown => {
      talk.hear(`lwm2m/CB-0001/cmd/${verb}`, { objectId: 3201, instanceId: 0, resourceId: 6, ...more });
      return talk.takeJson(`lwm2m/CB-0001/resp/${verb}`)[0];
    };

    expect(cmd("write", { value: 150 })).toMatchObject({ status: "accepted", resourceId: 6 });
    expect(cmd("read", {})).toMatchObject({ value: 150 });
    expect(cmd("read", { resourceId: 77 })).toMatchObject({ status: "rejected", reason: "/3201/0/77 does not exist" });
    expect(cmd("execute", { objectId: 3200, resourceId: 50, arguments: "" })).toMatchObject({ status: "accepted" });
    expect(talk.device.breaker.mechanism.isOpening).toBe(true);
  });

  it("deregisters when it stops", () => {
    expect(talk.speaker.farewell?.()).toEqual({ topic: "lwm2m/CB-0001/dereg", payload: Buffer.alloc(0) });
  });
});
