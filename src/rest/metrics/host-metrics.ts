import { monitorEventLoopDelay } from "node:perf_hooks";
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { commandStates } from "#fleet/command-book.ts";
import { lagBoundsS } from "#fleet/lag-meter.ts";
import { presenceStates } from "#fleet/ports.ts";
import type { TrafficTotals } from "#fleet/traffic.ts";
import { protocols } from "#model/protocol.ts";
import type { FacadeParts } from "#rest/parts.ts";

/** Counters of the live sockets. */
export interface SocketCounts {
  readonly clients: number;
  readonly subscriptions: number;
  readonly framesSent: number;
  readonly framesDropped: number;
}

type Labels = Readonly<Record<string, string>>;
type Samples = () => Iterable<readonly [value: number, labels?: Labels]>;

const outcomes = commandStates.filter((state) => state !== "under-way");
const delayResolutionMs = 20;
const quantiles = [0.5, 0.99, 1];

/** Everything that Prometheus can ask the host; the numbers are read when it asks and nowhere kept twice. */
export class HostMetrics {
  readonly #registry = new Registry();
  readonly #parts: FacadeParts;
  readonly #delay = monitorEventLoopDelay({ resolution: delayResolutionMs });

  constructor(parts: FacadeParts, sockets: () => SocketCounts) {
    this.#parts = parts;
    // Process, memory, garbage collection and event-loop delay.
    collectDefaultMetrics({ register: this.#registry });
    this.#messages();
    this.#devices();
    this.#commands();
    this.#alarms();
    this.#store();
    this.#waiting();
    this.#eventLoop();
    this.#sockets(sockets);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Forgets the observers of the process. */
  clear(): void {
    this.#delay.disable();
    this.#registry.clear();
  }

  #messages(): void {
    const { traffic, lag } = this.#parts.fleet;
    const byProtocol = (valueOf: (totals: TrafficTotals) => number): Samples =>
      function* () {
        for (const protocol of protocols) {
          const totals = traffic.over(protocol);
          if (totals !== undefined) yield [valueOf(totals), { protocol }];
        }
      };
    this.#counter(
      "fdi_messages_total",
      "Messages that came in",
      byProtocol(({ messages }) => messages),
      ["protocol"],
    );
    this.#counter(
      "fdi_messages_accepted_total",
      "Messages taken in",
      byProtocol(({ accepted }) => accepted),
      ["protocol"],
    );
    this.#counter(
      "fdi_values_total",
      "Values taken in",
      byProtocol(({ samples }) => samples),
      ["protocol"],
    );
    this.#counter(
      "fdi_messages_rejected_total",
      "Messages not used, by reason",
      function* () {
        for (const [reason, count] of Object.entries(traffic.rejected)) yield [count, { reason }];
      },
      ["reason"],
    );
    this.#counter(
      "fdi_message_flaws_total",
      "Parts of accepted messages that could not be used, by reason",
      function* () {
        for (const [reason, count] of Object.entries(traffic.flawed)) yield [count, { reason }];
      },
      ["reason"],
    );
    this.#gauge("fdi_messages_pending", "Messages that a transport still holds back", () => [[traffic.pending]]);
    this.#gauge("fdi_lag_seconds", "Age of the last values when the host had them", () => [[lag.counts().lastS]]);
    // A histogram whose classes are counted where the messages pass.
    this.#counter(
      "fdi_lag_seconds_bucket",
      "Messages by the age of their values",
      function* () {
        const { cumulative, count } = lag.counts();
        for (const [i, bound] of lagBoundsS.entries()) yield [cumulative[i] ?? 0, { le: String(bound) }];
        yield [count, { le: "+Inf" }];
      },
      ["le"],
    );
    this.#counter("fdi_lag_seconds_sum", "Sum of the ages", () => [[lag.counts().sumS]]);
    this.#counter("fdi_lag_seconds_count", "Messages whose age was measured", () => [[lag.counts().count]]);
  }

  #devices(): void {
    const { presence, registry, onboarding, transports } = this.#parts.fleet;
    this.#gauge("fdi_devices", "Devices the host knows", () => [[registry.size]]);
    this.#gauge(
      "fdi_devices_by_presence",
      "Devices by how reachable they are",
      () => presenceStates.map((state) => [presence.count(state), { state }] as const),
      ["state"],
    );
    this.#gauge("fdi_devices_pending", "Devices that wait to be taken in", () => [[onboarding.counts().pending]]);
    this.#gauge(
      "fdi_transport_connected",
      "1 while the transport is connected",
      () =>
        transports.map(
          (transport) => [transport.health().connected ? 1 : 0, { protocol: transport.protocol }] as const,
        ),
      ["protocol"],
    );
    const ready: Samples = () => this.#parts.health().map((part) => [part.ready ? 1 : 0, { part: part.name }] as const);
    this.#gauge("fdi_ready", "1 while the part is ready", ready, ["part"]);
  }

  #commands(): void {
    const { commandBook } = this.#parts.fleet;
    this.#gauge("fdi_commands_under_way", "Commands and writes under way", () => [[commandBook.underWay]]);
    this.#counter(
      "fdi_commands_total",
      "Commands and writes by what became of them",
      // Each from the start with 0, so that the first one is seen as an increase.
      () => outcomes.map((outcome) => [commandBook.counts().get(outcome) ?? 0, { outcome }] as const),
      ["outcome"],
    );
  }

  #alarms(): void {
    const { alarms } = this.#parts.fleet;
    this.#gauge(
      "fdi_alarms",
      "Alarms that an operator should see, by state",
      () => {
        const counts = { active_unacknowledged: 0, active_acknowledged: 0, gone_unacknowledged: 0, other: 0 };
        for (const { state } of alarms.retained()) {
          if (state.active) counts[state.acknowledged ? "active_acknowledged" : "active_unacknowledged"] += 1;
          else counts[state.acknowledged ? "other" : "gone_unacknowledged"] += 1;
        }
        return Object.entries(counts).map(([state, count]) => [count, { state }] as const);
      },
      ["state"],
    );
  }

  #store(): void {
    const { storeCounters } = this.#parts;
    const counters = ["accepted", "recovered", "stored", "merged", "unchanged"] as const;
    this.#counter(
      "fdi_store_samples_total",
      "Samples on their way to the store: accepted + recovered = stored + merged + queued + dropped",
      () => {
        const now = storeCounters();
        return counters.map((state) => [now[state], { state }] as const);
      },
      ["state"],
    );
    this.#gauge("fdi_store_queue", "Samples in memory or in the journal", () => [[storeCounters().queued]]);
    this.#counter(
      "fdi_store_dropped_total",
      "Samples that did not reach the store, by reason",
      () => Object.entries(storeCounters().dropped).map(([reason, count]) => [count, { reason }] as const),
      ["reason"],
    );
  }

  #waiting(): void {
    const { waiting } = this.#parts;
    this.#gauge("fdi_journal_bytes", "Journal of the samples on disk", () => [[waiting().journal.bytes]]);
    this.#gauge("fdi_journal_limit_bytes", "What the journal may take", () => [[waiting().journal.maxBytes]]);
    const states = ["appended", "recovered", "stored", "dropped"] as const;
    this.#counter(
      "fdi_store_events_total",
      "Events on their way to the store: appended + recovered = stored + queued + dropped",
      () => states.map((state) => [waiting().events[state], { state }] as const),
      ["state"],
    );
    this.#gauge("fdi_store_events_queue", "Events in memory or in their journal", () => [[waiting().events.queued]]);
    this.#gauge("fdi_notifications_pending", "Alarm notifications that no receiver has taken yet", () => [
      [waiting().notifications],
    ]);
  }

  /** How late timers are; the default metrics include the time between two looks. */
  #eventLoop(): void {
    this.#delay.enable();
    this.#gauge(
      "fdi_event_loop_delay_seconds",
      "How late timers were since the last scrape, by quantile",
      () => {
        const late = (ns: number): number => Math.max(0, ns / 1e9 - delayResolutionMs / 1e3);
        const told = quantiles.map(
          (quantile) => [late(this.#delay.percentile(quantile * 100)), { quantile: String(quantile) }] as const,
        );
        this.#delay.reset();
        return told;
      },
      ["quantile"],
    );
  }

  #sockets(counts: () => SocketCounts): void {
    this.#gauge("fdi_websocket_clients", "Live sockets that are open", () => [[counts().clients]]);
    this.#gauge("fdi_websocket_subscriptions", "Subscriptions of live sockets", () => [[counts().subscriptions]]);
    this.#counter("fdi_websocket_frames_total", "Frames sent to live sockets", () => [[counts().framesSent]]);
    this.#counter("fdi_websocket_frames_dropped_total", "Frames not sent because a client was too slow", () => [
      [counts().framesDropped],
    ]);
  }

  #gauge(name: string, help: string, samples: Samples, labelNames: readonly string[] = []): void {
    const collect = (): void => {
      gauge.reset();
      for (const [value, labels = {}] of samples()) gauge.set(labels, value);
    };
    const gauge = new Gauge({ name, help, labelNames: [...labelNames], registers: [this.#registry], collect });
  }

  #counter(name: string, help: string, samples: Samples, labelNames: readonly string[] = []): void {
    const collect = (): void => {
      counter.reset();
      for (const [value, labels = {}] of samples()) counter.inc(labels, value);
    };
    const counter = new Counter({ name, help, labelNames: [...labelNames], registers: [this.#registry], collect });
  }
}
