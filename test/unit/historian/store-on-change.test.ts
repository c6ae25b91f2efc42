import { describe, expect, it } from "vitest";
import { StoreOnChange } from "#historian/store-on-change.ts";
import { Quality } from "#model/quality.ts";

const spec = { historize: true, deadband: 0.5, heartbeatMs: 60_000 };
const sample = (time: number, value: number, quality: number = Quality.good, text?: string) => ({
  time,
  value,
  quality,
  text,
});

describe("StoreOnChange", () => {
  it("leaves out changes up to the deadband, measured from the last stored value", () => {
    const changes = new StoreOnChange();

    const kept = [10, 10.3, 10.5, 10.6, 10.2].map((value, i) => changes.admit(0, spec, sample(i * 1000, value)));

    expect(kept).toEqual([true, false, false, true, false]);
  });

  it("stores an unchanged value again after the heartbeat", () => {
    const changes = new StoreOnChange();

    const kept = [0, 59_999, 60_000].map((time) => changes.admit(0, spec, sample(time, 1)));

    expect(kept).toEqual([true, false, true]);
  });

  it("stores changes only, and after the heartbeat, where there is a heartbeat without a deadband", () => {
    const changes = new StoreOnChange();
    const onChange = { historize: true, deadband: 0, heartbeatMs: 60_000 };

    const kept = (
      [
        [0, 1],
        [1, 1],
        [2, 1.001],
        [3, 1.001],
        [60_002, 1.001],
      ] as const
    ).map(([time, value]) => changes.admit(0, onChange, sample(time, value)));

    expect(kept).toEqual([true, false, true, false, true]);
    expect(changes.admit(1, { historize: true, deadband: 0 }, sample(0, 1))).toBe(true);
    expect(changes.admit(1, { historize: true, deadband: 0 }, sample(1, 1))).toBe(true);
  });

  it("always stores a change of quality or text", () => {
    const changes = new StoreOnChange();
    changes.admit(0, spec, sample(0, 1));

    expect(changes.admit(0, spec, sample(1, 1, Quality.badNoCommunication))).toBe(true);
    expect(changes.admit(0, spec, sample(2, Number.NaN, Quality.badNoCommunication, "open"))).toBe(true);
    expect(changes.admit(0, spec, sample(3, Number.NaN, Quality.badNoCommunication, "open"))).toBe(false);
  });

  it("stores a late sample without letting later ones compare with it", () => {
    const changes = new StoreOnChange();
    changes.admit(0, spec, sample(10_000, 1));

    expect(changes.admit(0, spec, sample(5000, 9))).toBe(true);
    expect(changes.admit(0, spec, sample(11_000, 1))).toBe(false);
  });

  it("stores every value when the deadband is 0", () => {
    const changes = new StoreOnChange();
    const all = { historize: true, deadband: 0 };

    expect([1, 1, 1].map((value, i) => changes.admit(5000, all, sample(i, value)))).toEqual([true, true, true]);
  });
});
