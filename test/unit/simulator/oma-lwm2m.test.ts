import * as fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { type CborValue, decodeCbor, encodeCbor } from "#simulator/lwm2m/cbor.ts";
import { contentFormats, encodeReadings } from "#simulator/lwm2m/content.ts";
import { decodeWrite } from "#simulator/lwm2m/content-decode.ts";
import { decodeOma, encodeOma, type OmaMessage, operation } from "#simulator/lwm2m/oma-message.ts";
import { parsePath, readAt } from "#simulator/lwm2m/oma-model.ts";
import { OmaLwM2mSpeaker } from "#simulator/lwm2m/oma-speaker.ts";
import { Random } from "#simulator/random.ts";
import { TalkingDevice } from "./support/talking-device.ts";

const topic = "lwm2m/rd/CB-0001";
let talk: TalkingDevice;

beforeEach(() => {
  talk = new TalkingDevice((device, context) => new OmaLwM2mSpeaker(device, new Random("1"), context));
});

function ask(members: Parameters<typeof encodeOma>[0]): OmaMessage | undefined {
  talk.take();
  talk.hear(topic, encodeOma(members));
  return messages()[0];
}

function messages(): OmaMessage[] {
  return talk.take().flatMap(({ payload }) => decodeOma(payload) ?? []);
}

function texts(payload: Uint8Array | undefined): string {
  return Buffer.from(payload ?? []).toString("utf8");
}

describe("CBOR", () => {
  it("encodes the published vector of a Read request", () => {
    const bytes = encodeOma({ operation: operation.read, token: 56, uri: "/3/0/0" });

    expect(bytes.toString("hex")).toBe("a3010902183805662f332f302f30");
    expect(decodeOma(bytes)).toMatchObject({ operation: 9, token: 56, uri: "/3/0/0" });
  });

  it("gives back what it encoded", () => {
    const leaf = fc.oneof(
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
      fc.string(),
      fc.boolean(),
      fc.constant(null),
    );
    const value = fc.oneof(
      leaf,
      fc.array(leaf),
      fc.uniqueArray(fc.tuple(fc.nat(), leaf), { selector: ([k]) => k }).map((e) => new Map(e)),
    );

    fc.assert(
      fc.property(value, (item: CborValue) => {
        expect(decodeCbor(encodeCbor(item))).toEqual(item);
      }),
    );
  });

  it("never throws on any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        decodeCbor(bytes);
      }),
    );
    expect(decodeCbor(Uint8Array.of(0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff))).toBeUndefined();
  });
});

describe("the OMA binding", () => {
  it("registers with lifetime, version, binding and links", () => {
    talk.speaker.connected();

    const [register] = messages();
    expect(register).toMatchObject({ operation: operation.register, format: 40 });
    expect(texts(register?.payload)).toBe("</1/0>,</3/0>,</10242/0>,</42769/0>,</42770/0>");
  });

  it("reads a resource, an instance, and answers 404 and 405", () => {
    expect(ask({ operation: operation.read, token: 1, uri: "/3/0/1" })).toMatchObject({ result: 205, token: 1 });
    expect(ask({ operation: operation.read, token: 2, uri: "/10242/0" })?.result).toBe(205);
    expect(ask({ operation: operation.read, token: 3, uri: "/42/0" })?.result).toBe(404);
    expect(ask({ operation: operation.read, token: 4, uri: "/42769/0/50" })?.result).toBe(405);
    expect(ask({ operation: operation.create, token: 5, uri: "/42769" })?.result).toBe(405);
  });

  it("executes Trip and tells the open position to whoever observes it", () => {
    expect(ask({ operation: operation.observe, token: "obs", uri: "/42769/0/31" })?.result).toBe(205);
    expect(ask({ operation: operation.execute, token: 6, uri: "/42769/0/50" })?.result).toBe(204);
    talk.take();

    talk.pass(100);
    talk.speaker.reportChanges(talk.device);

    const [notify] = messages();
    expect(notify).toMatchObject({ operation: operation.notify, token: "obs" });
    expect(talk.device.breaker.mechanism.position).toBe(1);
  });

  it("answers 409 when an interlock forbids an action and 403 in local mode", () => {
    expect(ask({ operation: operation.execute, token: 7, uri: "/42769/0/51" })?.result).toBe(409);
    ask({ operation: operation.execute, token: 8, uri: "/42769/0/50" });
    talk.pass(100);
    talk.device.breaker.isLocal = true;

    expect(ask({ operation: operation.execute, token: 9, uri: "/42769/0/51" })?.result).toBe(403);
  });

  it("takes argument 0 of an Execute", () => {
    const reset = (payload: string): number | undefined =>
      ask({ operation: operation.execute, token: 12, uri: "/42769/0/52", payload: Buffer.from(payload) })?.result;

    expect(reset("0='Alarms'")).toBe(204);
    expect(reset("")).toBe(204);
    expect(reset("0='Everything'")).toBe(400);
  });

  it("stops notifying after Cancel", () => {
    ask({ operation: operation.observe, token: 10, uri: "/42769/0" });
    expect(ask({ operation: operation.cancel, token: 10, uri: "/42769/0" })?.result).toBe(204);
    talk.pass(1_000);
    talk.speaker.reportDue(talk.device);

    expect(messages()).toEqual([]);
  });

  it("writes settings in every format and refuses values out of range with 400", () => {
    const write = (format: number, payload: Buffer, uri = "/42770/0/6"): number | undefined =>
      ask({ operation: operation.writePartial, token: 11, uri, format, payload })?.result;
    const { settings } = talk.device.breaker;

    expect(write(contentFormats.text, Buffer.from("120"))).toBe(204);
    expect(settings.ThermalPickup).toBe(120);
    expect(write(contentFormats.cbor, encodeCbor(130))).toBe(204);
    expect(settings.ThermalPickup).toBe(130);
    expect(write(contentFormats.senmlJson, Buffer.from('[{"bn":"/42770/0/","n":"6","v":140}]'), "/42770/0")).toBe(204);
    expect(settings.ThermalPickup).toBe(140);
    const record = new Map<number, CborValue>([
      [-2, "/42770/0/"],
      [0, "6"],
      [2, 150],
    ]);
    expect(write(contentFormats.senmlCbor, encodeCbor([record]), "/42770/0")).toBe(204);
    expect(settings.ThermalPickup).toBe(150);
    expect(write(contentFormats.tlv, Buffer.from("c806084064000000000000", "hex"), "/42770/0")).toBe(204);
    expect(settings.ThermalPickup).toBe(160);
    expect(write(contentFormats.text, Buffer.from("9999"))).toBe(400);
    expect(write(11_544, Buffer.of(0xa0))).toBe(415);
    expect(write(contentFormats.text, Buffer.from("1"), "/42769/0/1")).toBe(405);
  });

  it("reads back what it encoded, in SenML and in TLV", () => {
    const path = parsePath("/42770/0");
    const readings = (path === undefined ? undefined : readAt(talk.device, path)) ?? [];
    const expected = readings.map(({ path: at, value }) => ({ path: at, value }));

    for (const format of [contentFormats.senmlJson, contentFormats.senmlCbor, contentFormats.tlv]) {
      const payload = encodeReadings(readings, "/42770/0", format);
      expect(decodeWrite("/42770/0", format, payload)).toEqual(expected);
    }
  });

  it("ignores its own messages, results for others and noise on the shared topic", () => {
    talk.speaker.connected();
    const own = talk.take().map(({ payload }) => payload);

    for (const payload of [...own, encodeOma({ token: 77, result: 204 }), Buffer.from("hello"), Buffer.alloc(0)]) {
      talk.hear(topic, payload);
    }

    expect(talk.take()).toEqual([]);
  });

  it("registers again when the server no longer knows it", () => {
    talk.speaker.connected();
    const token = messages()[0]?.token ?? 0;
    talk.hear(topic, encodeOma({ token, result: 201 }));
    talk.pass(61_000);
    talk.speaker.reportDue(talk.device);
    const [update] = messages();
    expect(update?.operation).toBe(operation.update);

    talk.hear(topic, encodeOma({ token: update?.token ?? 0, result: 404 }));

    expect(messages()[0]?.operation).toBe(operation.register);
  });
});
