import type { DeviceTransport } from "#fleet/ports.ts";
import type { Clock } from "#lib/clock.ts";
import { every } from "#lib/every.ts";

const pollMs = 5;
const limitMs = 3_000;

/**
 * Resolves once every protocol is connected, or tried and knows why not, after 3,000 ms at the latest: a host that says
 * it is ready hears its devices from then on, and one without its broker starts all the same.
 */
export async function firstConnections(
  transports: readonly Pick<DeviceTransport, "health">[],
  clock: Clock,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const lastAt = clock.now() + limitMs;
  using _polling = every(clock, pollMs, () => {
    if (clock.now() >= lastAt || transports.every(hasAnswer)) resolve();
  });
  await promise;
}

function hasAnswer(transport: Pick<DeviceTransport, "health">): boolean {
  const { connected, nextAttemptAt } = transport.health();
  return connected || nextAttemptAt !== undefined;
}
