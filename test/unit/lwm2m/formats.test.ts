import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ContentFormat, decodeContent, encodeContent } from "#transport/lwm2m/core/content-format.ts";
import { ObjectModels } from "#transport/lwm2m/core/object-model.ts";
import { pathOf, pathText } from "#transport/lwm2m/core/path.ts";
import type { DecodeContext, ResourceNode } from "#transport/lwm2m/core/resource-node.ts";
import { standardObjects } from "#transport/lwm2m/core/standard-objects.ts";

const { typeOf } = new ObjectModels(standardObjects);
const now = Date.UTC(2026, 0, 1, 12);
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ""), "hex");

function decode(format: number, bytes: Uint8Array, base = "/"): string[] | string {
  const context: DecodeContext = { base: pathOf(base) ?? {}, typeOf, now };
  const decoding = decodeContent(format, bytes, context);
  return decoding.ok ? decoding.nodes.map(shown) : decoding.detail;
}

function shown({ path, value, time }: ResourceNode): string {
  const text = value instanceof Uint8Array ? `h'${Buffer.from(value).toString("hex")}'` : JSON.stringify(value);
  return `${pathText(path)} ${text}${time === undefined ? "" : ` @${time - now}`}`;
}

/** The Device object as the OMA specification shows it in each format. */
const device = [
  '/3/0/0 "Open Mobile Alliance"',
  '/3/0/1 "Lightweight M2M Client"',
  '/3/0/2 "345000123"',
  '/3/0/3 "1.0"',
  "/3/0/6/0 1",
  "/3/0/6/1 5",
  "/3/0/7/0 3800",
  "/3/0/7/1 5000",
  "/3/0/8/0 125",
  "/3/0/8/1 900",
  "/3/0/9 100",
  "/3/0/10 15",
  "/3/0/11/0 0",
  "/3/0/13 1367491215000",
  '/3/0/14 "+02:00"',
  '/3/0/16 "U"',
];

const deviceTlv = hex(`
  c80014 4f70656e204d6f62696c6520416c6c69616e6365 c80116 4c69676874776569676874204d324d20436c69656e74
  c80209 333435303030313233 c303 312e30 8606 4100 01 4101 05 880708 4200 0ed8 4201 1388 8708 4100 7d 4201 0384
  c109 64 c10a 0f 830b 4100 00 c40d 5182428f c60e 2b30323a3030 c110 55`);

describe("TLV", () => {
  it("is read as the specification shows it, with and without the object instance around it", () => {
    expect(decode(ContentFormat.tlv, deviceTlv, "/3/0")).toEqual(device);
    expect(decode(ContentFormat.tlv, Buffer.concat([hex("080079"), deviceTlv]), "/3")).toEqual(device);
  });

  it("keeps bytes of resources that nobody knows, and a value of the wrong size, without losing the others", () => {
    expect(decode(ContentFormat.tlv, hex("c100 41 c1ff 07 c309 010203 e10102 2a"), "/3/0")).toEqual([
      '/3/0/0 "A"',
      "/3/0/255 h'07'",
      "/3/0/9 h'010203'",
      "/3/0/258 h'2a'",
    ]);
  });

  it.each([
    ["an entry that is cut off", "c80014 4f70"],
    ["a length beyond the bytes", "d800 ffffff 00"],
    ["a resource inside a resource instance's place", "4100 01"],
    ["an object instance inside another", "0803 03 0100 00"],
  ])("refuses %s", (_name, bytes) => {
    expect(typeof decode(ContentFormat.tlv, hex(bytes), "/3/0")).toBe("string");
  });
});

describe("SenML", () => {
  it("in JSON is read as the specification shows it", () => {
    const pack = `[{"bn":"/3/0/","n":"0","vs":"Open Mobile Alliance"},{"n":"1","vs":"Lightweight M2M Client"},{"n":"2","vs":"345000123"},
      {"n":"3","vs":"1.0"},{"n":"6/0","v":1},{"n":"6/1","v":5},{"n":"7/0","v":3800},{"n":"7/1","v":5000},{"n":"8/0","v":125},{"n":"8/1","v":900},
      {"n":"9","v":100},{"n":"10","v":15},{"n":"11/0","v":0},{"n":"13","v":1367491215},{"n":"14","vs":"+02:00"},{"n":"16","vs":"U"}]`;

    expect(decode(ContentFormat.senmlJson, Buffer.from(pack))).toEqual(device);
  });

  it("in CBOR is read as the specification shows it", () => {
    const pack = hex(`90 a3 21 65 2f332f302f 00 61 30 03 74 4f70656e204d6f62696c6520416c6c69616e6365
      a2 00 61 31 03 76 4c69676874776569676874204d324d20436c69656e74 a2 00 61 32 03 69 333435303030313233 a2 00 61 33 03 63 312e30
      a2 00 63 362f30 02 01 a2 00 63 362f31 02 05 a2 00 63 372f30 02 19 0ed8 a2 00 63 372f31 02 19 1388 a2 00 63 382f30 02 18 7d
      a2 00 63 382f31 02 19 0384 a2 00 61 39 02 18 64 a2 00 62 3130 02 0f a2 00 64 31312f30 02 00 a2 00 62 3133 02 1a 5182428f
      a2 00 62 3134 03 66 2b30323a3030 a2 00 62 3136 03 61 55`);

    expect(decode(ContentFormat.senmlCbor, pack)).toEqual(device);
  });

  it("adds base time and base value, and takes small times as relative to now (RFC 8428, 4.5.3)", () => {
    const pack =
      '[{"bn":"/42769/0/","bt":-10,"bv":100,"n":"1","v":1.5},{"n":"1","v":2,"t":5},{"n":"2","v":1,"t":1767268810}]';

    expect(decode(ContentFormat.senmlJson, Buffer.from(pack))).toEqual([
      "/42769/0/1 101.5 @-10000",
      "/42769/0/1 102 @-5000",
      "/42769/0/2 101 @0",
    ]);
  });

  it.each([
    ["a label that must be understood", '[{"n":"/3/0/0","vs":"x","new_":1}]'],
    ["a name that is no resource", '[{"n":"/3/0","vs":"x"}]'],
    ["a name that is no path", '[{"n":"temperature","v":1}]'],
    ["an id out of range", '[{"n":"/3/0/65535","v":1}]'],
    ["a key twice", '[{"n":"/3/0/0","vs":"x","vs":"y"}]'],
    ["no list", '{"n":"/3/0/0","vs":"x"}'],
    ["no JSON", "[{]"],
  ])("in JSON refuses %s", (_name, text) => {
    expect(typeof decode(ContentFormat.senmlJson, Buffer.from(text))).toBe("string");
  });
});

describe("LwM2M CBOR", () => {
  it("is read with nested maps, joined levels and indefinite lengths alike", () => {
    const wanted = ['/3/0/0 "A"', "/3/0/7/1 5000", "/42769/0/1 1.5"];

    // {3: {0: {0: "A", 7: {1: 5000}}}, [42769, 0, 1]: 1.5}
    expect(
      decode(ContentFormat.lwm2mCbor, hex("a2 03 a1 00 a2 00 61 41 07 a1 01 19 1388 83 19a711 00 01 f9 3e00")),
    ).toEqual(wanted);
    expect(
      decode(
        ContentFormat.lwm2mCbor,
        hex("bf 82 03 00 bf 00 61 41 82 07 01 19 1388 ff 19a711 bf 00 a1 01 f9 3e00 ff ff"),
      ),
    ).toEqual(wanted);
  });

  it.each([
    ["a key that is no id", "a1 61 33 01"],
    ["a value too high up", "a1 82 03 00 01"],
    ["five levels", "a1 85 03 00 01 02 03 01"],
    ["no map", "83 03 00 01"],
  ])("refuses %s", (_name, bytes) => {
    expect(typeof decode(ContentFormat.lwm2mCbor, hex(bytes))).toBe("string");
  });
});

describe("the formats of one value", () => {
  it.each([
    [ContentFormat.text, Buffer.from("41.5"), "/42769/0/1", "/42769/0/1 41.5"],
    [ContentFormat.text, Buffer.from("1"), "/42769/0/19", "/42769/0/19 true"],
    [ContentFormat.text, Buffer.from("many"), "/42769/0/1", '/42769/0/1 "many"'],
    [ContentFormat.text, Buffer.from("1767268800"), "/42769/0/14", "/42769/0/14 1767268800000"],
    [ContentFormat.opaque, hex("0102"), "/5/0/0", "/5/0/0 h'0102'"],
    [ContentFormat.cbor, hex("f5"), "/42769/0/19", "/42769/0/19 true"],
  ])("%d is read as the value of the path that was asked for", (format, bytes, base, wanted) => {
    expect(decode(format, bytes, base)).toEqual([wanted]);
  });

  it("are no answer for more than one resource", () => {
    expect(decode(ContentFormat.text, Buffer.from("1"), "/3/0")).toBe("a single value for more than one resource");
  });
});

describe("the JSON of LwM2M 1.0", () => {
  it("is read", () => {
    const text = '{"bn":"/3/0/","e":[{"n":"0","sv":"Open Mobile Alliance"},{"n":"9","v":100},{"n":"7/1","v":5000}]}';

    expect(decode(ContentFormat.oldJson, Buffer.from(text))).toEqual([
      '/3/0/0 "Open Mobile Alliance"',
      "/3/0/9 100",
      "/3/0/7/1 5000",
    ]);
  });
});

describe("every format", () => {
  const written: readonly ResourceNode[] = [
    { path: pathOf("/42770/0/6") ?? {}, value: 200.5 },
    { path: pathOf("/42769/0/27") ?? {}, value: 3 },
    { path: pathOf("/42769/0/25") ?? {}, value: true },
    { path: pathOf("/3/0/14") ?? {}, value: "+01:00" },
    { path: pathOf("/3/0/13") ?? {}, value: 1_767_268_800_000 },
  ];

  it.each([
    ContentFormat.senmlCbor,
    ContentFormat.senmlJson,
    ContentFormat.lwm2mCbor,
    ContentFormat.tlv,
    ContentFormat.text,
  ])("%d gives back what was written in it", (format) => {
    for (const node of written) {
      const bytes = encodeContent(format, [node], typeOf) ?? new Uint8Array();
      expect(
        decode(
          format,
          bytes,
          format === ContentFormat.tlv ? pathText({ ...node.path, resource: undefined }) : pathText(node.path),
        ),
      ).toEqual([shown(node)]);
    }
  });

  it("never throws, whatever the bytes", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(ContentFormat)),
        fc.uint8Array({ maxLength: 120 }),
        (format, bytes) => {
          decode(format, bytes, "/3/0");
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it("that is not known is refused", () => {
    expect(decode(4711, hex("00"))).toBe("content format 4711 is not known");
  });
});
