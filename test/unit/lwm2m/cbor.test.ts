import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeCbor } from "#simulator/lwm2m/cbor.ts";
import { readCbor } from "#transport/lwm2m/core/cbor/cbor-reader.ts";
import { CborMap, type CborValue, CodecError } from "#transport/lwm2m/core/cbor/cbor-value.ts";
import { cborMapOf, writeCbor } from "#transport/lwm2m/core/cbor/cbor-writer.ts";

const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(" ", ""), "hex");

describe("CBOR, read", () => {
  // RFC 8949, appendix A.
  it.each<[string, CborValue]>([
    ["00", 0],
    ["17", 23],
    ["18 18", 24],
    ["19 03e8", 1_000],
    ["1a 000f4240", 1_000_000],
    ["1b 000000e8d4a51000", 1_000_000_000_000],
    ["1b ffffffffffffffff", 18_446_744_073_709_551_615n],
    ["3b ffffffffffffffff", -18_446_744_073_709_551_616n],
    ["20", -1],
    ["38 63", -100],
    ["39 03e7", -1_000],
    ["f9 0000", 0],
    ["f9 8000", -0],
    ["f9 3c00", 1],
    ["f9 7bff", 65_504],
    ["f9 0001", 5.960464477539063e-8],
    ["f9 7c00", Number.POSITIVE_INFINITY],
    ["f9 7e00", Number.NaN],
    ["fa 47c35000", 100_000],
    ["fb 3ff199999999999a", 1.1],
    ["f4", false],
    ["f5", true],
    ["f6", null],
    ["f7", null],
    ["c1 1a 514b67b0", 1_363_896_240],
    ["44 01020304", hex("01020304")],
    ["62 c3bc", "ü"],
    ["83 01 02 03", [1, 2, 3]],
    ["9f 01 82 02 03 ff", [1, [2, 3]]],
    ["7f 65 7374726561 64 6d696e67 ff", "streaming"],
    ["5f 42 0102 43 030405 ff", hex("0102030405")],
  ])("understands %s", (bytes, value) => {
    const read = readCbor(hex(bytes));

    expect(read instanceof Uint8Array ? Buffer.from(read) : read).toEqual(
      value instanceof Uint8Array ? Buffer.from(value) : value,
    );
  });

  it("understands maps of definite and indefinite length, with arrays as keys", () => {
    const map = readCbor(hex("bf 63 46756e f5 82 03 00 21 ff"));

    expect(map).toEqual(
      new CborMap([
        ["Fun", true],
        [[3, 0], -2],
      ]),
    );
  });

  it.each([
    ["nothing", ""],
    ["bytes behind the item", "00 00"],
    ["a text that is cut off", "62 61"],
    ["a list longer than the bytes", "9a 00ffffff 00"],
    ["a length that no memory holds", "5b ffffffffffffffff 00"],
    ["a map of four thousand million members", "ba ffffffff"],
    ["a key twice", "a2 01 02 01 03"],
    ["an array key twice", "a2 82 03 00 01 82 03 00 02"],
    ["a text that is no UTF-8", "61 ff"],
    ["a chunk of another kind", "5f 61 61 ff"],
    ["a lone break", "ff"],
    ["reserved additional information", "1c"],
    ["lists in lists without end", "81".repeat(5_000)],
    ["tags around tags without end", "c1".repeat(5_000)],
  ])("refuses %s", (_name, bytes) => {
    expect(() => readCbor(hex(bytes))).toThrow(CodecError);
  });

  it("refuses more items than any message needs, however small they are", () => {
    const bomb = Buffer.concat([hex("9a 0000c350"), Buffer.alloc(50_000)]);

    expect(() => readCbor(bomb)).toThrow("more than 20000 data items");
  });

  it("throws nothing but CodecError, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          readCbor(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(CodecError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("CBOR, written", () => {
  it("is what another encoder writes", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.maxSafeInteger(), fc.string(), fc.boolean(), fc.uint8Array(), fc.constant(null))),
        (list) => Buffer.compare(writeCbor(list), encodeCbor(list)) === 0,
      ),
    );
  });

  it("is read back as it was, also big integers, doubles and singles", () => {
    for (const value of [0.1, 1.5, -0, 2 ** 53 + 2, 2n ** 63n, -(2n ** 63n), 1e300]) {
      expect(readCbor(writeCbor(value))).toEqual(
        typeof value === "number" && Number.isSafeInteger(value) ? value : value,
      );
    }
    expect(writeCbor(1.5)).toHaveLength(5);
    expect(writeCbor(0.1)).toHaveLength(9);
  });

  it("leaves out members without a value", () => {
    expect(
      Buffer.from(
        writeCbor(
          cborMapOf([
            [1, 9],
            [2, undefined],
          ]),
        ),
      ).toString("hex"),
    ).toBe("a10109");
  });
});
