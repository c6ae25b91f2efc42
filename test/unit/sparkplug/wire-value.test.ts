import { describe, expect, it } from "vitest";
import { SparkplugType } from "#transport/sparkplug/codec/data-type.ts";
import { wireValueOf } from "#transport/sparkplug/wire-value.ts";

const plain = { address: "x", scale: 1, offset: 0 };
const milli = { address: "x", scale: 0.001, offset: 5 };
const words = {
  address: "x",
  scale: 1,
  offset: 0,
  valueMap: new Map([
    ["closed", 2],
    ["1", 1],
    ["open", 0],
  ]),
};
const { Boolean: Flag, Double, Float, Int32, Int64, String: Text, Unknown } = SparkplugType;

describe("wireValueOf", () => {
  it.each([
    ["a number in the device's unit", 23, milli, Float, 18_000],
    ["a number rounded for an integer metric", 7.0004, milli, Int32, 2000],
    ["a boolean as it is", true, plain, Flag, true],
    ["a boolean as a number for an integer metric", true, plain, Int32, 1],
    ["a boolean as text", false, plain, Text, "false"],
    ["a number as a boolean", 2, plain, Flag, true],
    ["a number as text", 1.5, plain, Text, "1.5"],
    ["the device's word", 2, words, Text, "closed"],
    ["the device's number", 1, words, Int32, 1],
    ["a value without a word", 9, words, Int32, 9],
    ["a text as it is", "Full", plain, Text, "Full"],
    ["a 64-bit integer as it is", 2n ** 60n, milli, Int64, 2n ** 60n],
    ["a boolean where the BIRTH gave no type", true, plain, Unknown, true],
    ["a number where the BIRTH gave no type", 6, milli, Unknown, 1000],
    ["a double unrounded", 5.5, milli, Double, 500],
  ])("sends %s", (_case, value, binding, datatype, expected) => {
    const wire = wireValueOf(value, binding, datatype);

    if (typeof expected === "number") expect(wire).toBeCloseTo(expected, 6);
    else expect(wire).toBe(expected);
  });
});
