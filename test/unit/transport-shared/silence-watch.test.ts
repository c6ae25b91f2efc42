import { describe, expect, it } from "vitest";
import { SilenceWatch, type Watched } from "#transport/shared/silence-watch.ts";
import { FakeClock } from "../../support/fake-clock.ts";

function bench() {
  const clock = new FakeClock();
  const silent: number[] = [];
  const watch = new SilenceWatch<Watched>(clock, () => silent.push(clock.now()));
  const device: Watched = { lastHeard: clock.now(), limitMs: 10_000, isHeard: true };
  watch.add(device);
  return { clock, silent, watch, device };
}

describe("a silence watch", () => {
  it("reports each silence once", () => {
    const { clock, silent, device } = bench();
    const start = clock.now();

    clock.advance(60_000);
    expect(silent).toEqual([start + 11_000]);

    Object.assign(device, { lastHeard: clock.now(), isHeard: true });
    clock.advance(60_000);
    expect(silent).toHaveLength(2);
  });

  it("forgives the time in which nothing could be heard: a blocked loop, a clock that was set", () => {
    const { clock, silent } = bench();
    clock.advance(5_000);

    clock.jump(3_600_000);
    clock.advance(4_000);
    expect(silent).toEqual([]);
    clock.advance(3_000);
    expect(silent).toHaveLength(1);
  });

  it("does not take a clock that was set back for a sign of life", () => {
    const { clock, silent } = bench();

    clock.jump(-3_600_000);
    // The fake clock's timers wait for the time they were set for; a real one's do not.
    clock.advance(3_600_000 + 13_000);

    expect(silent).toHaveLength(1);
  });
});
