import { describe, expect, it } from "vitest";
import { readDeviceReport } from "#fleet/tests/device-report.ts";

describe("the report of a device on its own test", () => {
  it("has every step with what was expected and measured", () => {
    const text = JSON.stringify({
      running: false,
      passed: false,
      steps: [
        { step: "OvercurrentTest", passed: true, expected: [150, 250], measured: 201.5, unit: "ms" },
        { step: "ThermalTest", passed: false },
      ],
    });

    expect(readDeviceReport(text)).toEqual({
      running: false,
      passed: false,
      steps: [
        { name: "OvercurrentTest", expected: "150 to 250 ms", passed: true, detail: "201.5 ms" },
        { name: "ThermalTest", expected: "", passed: false, detail: "" },
      ],
    });
  });

  it.each(["", "not JSON", "[]", "null", '{"running":1,"passed":true,"steps":[]}', '{"running":false,"passed":true}'])(
    "is none when it reads %s",
    (text) => {
      expect(readDeviceReport(text)).toBeUndefined();
    },
  );

  it("is cut at 200 steps, and nothing in it can break the host", () => {
    const steps = [null, 1, "x", {}, { step: { toString: 1 }, expected: "a", measured: [] }];
    const text = JSON.stringify({
      running: true,
      passed: false,
      steps: Array.from({ length: 500 }, (_, i) => steps[i % 5]),
    });

    expect(readDeviceReport(text)?.steps).toHaveLength(200);
  });
});
