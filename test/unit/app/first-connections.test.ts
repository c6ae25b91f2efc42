import { describe, expect, it } from "vitest";
import { firstConnections } from "#app/first-connections.ts";
import type { TransportHealth } from "#fleet/ports.ts";
import { FakeClock } from "../../support/fake-clock.ts";

/** A protocol whose connection is as the test says, and what the start of the host waits for. */
function starting(before: TransportHealth) {
  const clock = new FakeClock();
  let now = before;
  let isReady = false;
  void firstConnections([{ health: () => now }], clock).then(() => {
    isReady = true;
  });
  const after = async (ms: number, health: TransportHealth): Promise<boolean> => {
    now = health;
    clock.advance(ms);
    await new Promise(setImmediate);
    return isReady;
  };
  return { after };
}

const connecting = { connected: false, detail: "mqtt://broker: connecting" };

describe("the start of the host", () => {
  it("waits for the broker", async () => {
    const { after } = starting(connecting);

    expect(await after(500, connecting)).toBe(false);
    expect(await after(10, { connected: true, detail: "connected" })).toBe(true);
  });

  it("goes on without a broker that cannot be reached", async () => {
    const { after } = starting(connecting);

    expect(await after(10, { connected: false, detail: "refused", nextAttemptAt: 2_000 })).toBe(true);
  });

  it("does not wait longer than three seconds for a broker that does not answer", async () => {
    const { after } = starting(connecting);

    expect(await after(2_900, connecting)).toBe(false);
    expect(await after(200, connecting)).toBe(true);
  });
});
