import { describe, expect, it } from "vitest";
import { readEvent, writeEvent } from "#historian/events/event-text.ts";
import { testEvent } from "../../../support/test-events.ts";

describe("events as text", () => {
  it("come back as they were, with numbers that JSON lacks and big integers", () => {
    const fields = { a: Number.NaN, b: Number.NEGATIVE_INFINITY, c: 2n ** 60n, d: true, e: "x", f: 0.1 };
    const event = testEvent(1, 5.25, { fields, device: undefined, user: "anna" });

    expect(readEvent(writeEvent(event))).toEqual(event);
  });

  it("leave compiled conditions out and keep their text", () => {
    const event = testEvent(1, 5);
    const alarm = event.alarm && { ...event.alarm, spec: { ...event.alarm.spec } };
    const expression = { text: "a", type: "boolean", names: [], evaluate: () => true } as const;
    if (alarm !== undefined) alarm.spec.when = { text: "Temperature > 80", expression };

    const text = writeEvent({ ...event, alarm });

    expect(text).not.toContain("expression");
    expect(readEvent(text)).toEqual(event);
  });

  it("hold no character that PostgreSQL refuses", () => {
    const text = writeEvent(testEvent(1, 5, { message: "a\0b\ud800c" }));

    expect(readEvent(text)?.message).toBe("a\uFFFDb\uFFFDc");
  });

  it("are none when something else was stored", () => {
    expect(readEvent('{"eventId": 7}')).toBeUndefined();
    expect(readEvent(writeEvent(testEvent(1, 5)).replace('"active"', '"unheard-of"'))).toBeUndefined();
  });
});
