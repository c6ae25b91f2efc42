import type { AlarmBoard } from "#fleet/alarms/ports.ts";
import type { Clock } from "#lib/clock.ts";
import { every } from "#lib/every.ts";
import type { Host } from "./host.ts";

/** Says from time to time in one line how the host is doing. */
export function startStatusLine(host: Host, clock: Clock, periodMs: number, say: (line: string) => void): Disposable {
  let last = { at: clock.now(), messages: 0, stored: 0 };
  return every(clock, periodMs, () => {
    const now = { at: clock.now(), messages: host.fleet.traffic.messages, stored: host.historian.counters().stored };
    const seconds = (now.at - last.at) / 1000;
    const perSecond = (count: number): string => (count / seconds).toFixed(1);
    const online = host.fleet.presence.count("online");
    const parts = [
      new Date(now.at).toISOString().slice(11, 19),
      `${online} of ${host.fleet.registry.size} devices online`,
      `${perSecond(now.messages - last.messages)} messages/s`,
      `${perSecond(now.stored - last.stored)} values/s stored`,
      `${host.fleet.traffic.rejectedTotal} rejected`,
      alarmsOf(host.fleet.alarms),
      `${host.opcua.sessionCount} OPC UA sessions`,
      `${Math.round(process.memoryUsage.rss() / 1024 / 1024)} MiB`,
    ];
    last = now;
    const down = host.health().filter((part) => !part.ready);
    say(`${parts.join(" | ")}${down.map((part) => ` | NOT READY ${part.name}: ${part.detail}`).join("")}\n`);
  });
}

function alarmsOf(alarms: AlarmBoard): string {
  let [active, unacknowledged] = [0, 0];
  for (const { spec, state } of alarms.retained()) {
    // Summaries say nothing new.
    if (spec.category === "Health") continue;
    if (state.active) active += 1;
    if (!state.acknowledged) unacknowledged += 1;
  }
  return `${active} alarms, ${unacknowledged} to acknowledge`;
}
