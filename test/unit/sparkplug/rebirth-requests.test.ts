import { beforeEach, describe, expect, it } from "vitest";
import { defaultRebirthPolicy, RebirthRequests } from "#transport/sparkplug/rebirth-requests.ts";
import { FakeClock } from "../../support/fake-clock.ts";

describe("RebirthRequests", () => {
  let clock: FakeClock;
  let sent: { node: string; at: number }[];
  let requests: RebirthRequests;

  beforeEach(() => {
    clock = new FakeClock(0);
    sent = [];
    requests = new RebirthRequests({
      policy: { ...defaultRebirthPolicy, perSecond: 10, burst: 5 },
      clock,
      random: () => 0.5,
      send: (node) => sent.push({ node, at: clock.now() }),
    });
  });

  it("asks at once, and a node that needs it again only after a time that doubles", () => {
    for (let second = 0; second < 60; second += 1) {
      requests.request("g/n");
      clock.advance(1000);
    }

    expect(sent.map(({ at }) => at)).toEqual([0, 5000, 15_000, 35_000]);
  });

  it("never waits longer than ten minutes between two", () => {
    for (let minute = 0; minute < 120; minute += 1) {
      requests.request("g/n");
      clock.advance(60_000);
    }

    const gaps = sent.slice(1).map(({ at }, i) => at - (sent[i]?.at ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(600_000);
  });

  it("begins anew after a long quiet time", () => {
    requests.request("g/n");
    clock.advance(5000);
    requests.request("g/n");
    clock.advance(200_000);

    requests.request("g/n");
    clock.advance(5000);
    requests.request("g/n");

    expect(sent.map(({ at }) => at)).toEqual([0, 5000, 205_000, 210_000]);
  });

  it("drops a waiting request when the births come", () => {
    requests.request("g/n");
    requests.request("g/n");

    requests.satisfied("g/n");
    clock.advance(60_000);

    expect(sent).toHaveLength(1);
  });

  it("spreads a thousand nodes over the fleet's rate, each asked once", () => {
    for (let i = 0; i < 1000; i += 1) requests.request(`g/n${i}`);
    const atOnce = sent.length;

    clock.advance(50_000);
    const half = sent.length;
    clock.advance(51_000);

    expect(atOnce).toBe(5);
    expect(half).toBeGreaterThan(480);
    expect(half).toBeLessThan(520);
    expect(new Set(sent.map(({ node }) => node)).size).toBe(1000);
  });

  it("does not let a request that can wait hold up an urgent one", () => {
    requests.request("g/n", 4000);
    clock.advance(1000);

    requests.request("g/n");
    clock.advance(10_000);

    expect(sent).toEqual([{ node: "g/n", at: 1000 }]);
  });

  it("sends nothing any more once it is disposed of", () => {
    requests.request("g/n", 1000);

    requests[Symbol.dispose]();
    clock.advance(60_000);

    expect(sent).toEqual([]);
  });
});
