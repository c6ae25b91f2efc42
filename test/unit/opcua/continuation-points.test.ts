import { describe, expect, it } from "vitest";
import { type Binding, ContinuationPoints } from "#opcua/history/continuation-points.ts";

const binding: Binding = { session: "s1", node: "ns=1;s=CB-1/P", question: "q" };
const points = new ContinuationPoints(Buffer.alloc(32, 7));

describe("a continuation point", () => {
  it("gives back the place that it was made for", () => {
    expect(points.placeOf(points.at("v1767261600000.125", binding), binding)).toBe("v1767261600000.125");
  });

  it("is worth nothing when a bit of it was changed", () => {
    const bytes = points.at("v1", binding);
    for (let i = 0; i < bytes.length; i += 1) {
      const forged = Buffer.from(bytes);
      forged[i] = (forged[i] ?? 0) ^ 1;
      expect(points.placeOf(forged, binding)).toBeUndefined();
    }
    expect(points.placeOf(bytes.subarray(0, -1), binding)).toBeUndefined();
    expect(points.placeOf(Buffer.alloc(0), binding)).toBeUndefined();
  });

  it.each([
    ["session", { ...binding, session: "s2" }],
    ["node", { ...binding, node: "ns=1;s=CB-2/P" }],
    ["question", { ...binding, question: "other" }],
    ["split of the same letters", { ...binding, session: "s1n", node: "s=1;s=CB-1/P" }],
  ])("is worth nothing with another %s", (_what, other) => {
    expect(points.placeOf(points.at("v1", binding), other)).toBeUndefined();
  });

  it("is worth nothing at a server with another key", () => {
    const elsewhere = new ContinuationPoints(Buffer.alloc(32, 8));

    expect(points.placeOf(elsewhere.at("v1", binding), binding)).toBeUndefined();
  });
});
