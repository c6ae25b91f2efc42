import { describe, expect, it } from "vitest";
import type { DataType } from "#model/data-type.ts";
import { parameterValueOf, settingProblemOf } from "#model/parameter-value.ts";

describe("parameterValueOf", () => {
  it.each([
    ["float", "-12.5e1", -125],
    ["float", "abc", undefined],
    ["float", "0x10", undefined],
    ["float", "1e999", undefined],
    ["int8", "127", 127],
    ["int8", "128", undefined],
    ["uint16", "-1", undefined],
    ["int32", "1.5", undefined],
    ["int64", "9007199254740991", 9007199254740991],
    ["int64", "9223372036854775807", 9223372036854775807n],
    ["int64", "9223372036854775808", undefined],
    ["uint64", "18446744073709551615", 18446744073709551615n],
    ["boolean", "true", true],
    ["boolean", "1", undefined],
    ["string", " as is", " as is"],
    ["date-time", "2026-03-09T07:41:12Z", Date.UTC(2026, 2, 9, 7, 41, 12)],
    ["date-time", "2026-03-09", undefined],
  ] as const satisfies readonly (readonly [DataType, string, unknown])[])(
    "reads %s %s as %s",
    (dataType, text, value) => {
      expect(parameterValueOf(text, { dataType, enumeration: [] })).toBe(value);
    },
  );

  it("takes the names of enumeration values and of states", () => {
    expect(parameterValueOf("Open", { dataType: "int32", enumeration: [{ value: 1, name: "Open" }] })).toBe(1);
    expect(
      parameterValueOf("Normal", {
        dataType: "boolean",
        enumeration: [],
        states: { true: "Tripped", false: "Normal" },
      }),
    ).toBe(false);
  });
});

describe("settingProblemOf", () => {
  it("accepts the ends of the range and names it beyond them", () => {
    const spec = { range: { low: 0, high: 400 }, enumeration: [] };

    expect([settingProblemOf(0, spec), settingProblemOf(400, spec)]).toEqual([undefined, undefined]);
    expect(settingProblemOf(401, spec)).toBe("expected 0 to 400");
  });

  it("accepts only values of the enumeration", () => {
    expect(settingProblemOf(3, { enumeration: [{ value: 1, name: "Open" }] })).toBe("expected one of 1 Open");
  });
});
