import { describe, expect, it } from "vitest";
import { epochMsOf } from "#transport/shared/device-time.ts";

const noon = Date.UTC(2026, 2, 9, 7, 41, 12);

describe("a device's timestamp", () => {
  it.each([
    ["2026-03-09T07:41:12Z", noon],
    ["2026-03-09T07:41:12.5Z", noon + 500],
    ["2026-03-09T07:41:12.604518", noon + 604.518],
    ["2026-03-09 07:41:12", noon],
    ["2026-03-09T07:41", noon - 12_000],
    ["2026-03-09T09:41:12+02:00", noon],
    ["2026-03-09T02:11:12-0530", noon],
    ["2024-02-29T00:00:00Z", Date.UTC(2024, 1, 29)],
    [noon / 1_000, noon],
    [noon, noon],
    [noon * 1_000, noon],
    [noon * 1_000_000, noon],
    [String(noon / 1_000 + 0.5), noon + 500],
  ])("is understood as %s", (stamp, wanted) => {
    expect(epochMsOf(stamp)).toBeCloseTo(wanted, 3);
  });

  it.each([
    "",
    " ",
    "yesterday",
    "2026-02-30T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-03-09T24:00:00Z",
    "2026-03-09T07:41:60Z",
    "2026-03-09T07:41:12ZZ",
    "2026-03-09T07:41:12+2:00",
    "2026-3-9T07:41:12Z",
    "2026-03-0 T07:41:12Z",
    "12/03/2026 07:41:12",
    "x".repeat(1_000),
    -5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    null,
    true,
    {},
  ])("is none as %j", (stamp) => {
    expect(epochMsOf(stamp)).toBeUndefined();
  });
});
