/** A figure with the limit that it is to keep. */
export interface Goal {
  /** Name of a planned run. */
  readonly run: string;
  readonly figure: string;
  /** What people read in the table. */
  readonly title: string;
  readonly unit: string;
  /** At most this for `max`, at least for `min`. */
  readonly max?: number;
  readonly min?: number;
  /** The figure of the same run that it is divided by. */
  readonly per?: string;
}

export const goals: readonly Goal[] = [
  { run: "startup", figure: "readyS", title: "start of the demo until it is ready", unit: "s" },
  { run: "startup", figure: "rssMiB", title: "memory of the demo", unit: "MiB" },
  { run: "startup", figure: "idleCpuPercent", title: "CPU of the demo", unit: "% of a core" },
  {
    run: "codec",
    figure: "decode50NamedRatio",
    title: "decode 50 named metrics, against sparkplug-payload",
    unit: "x",
    min: 3,
  },
  {
    run: "codec",
    figure: "decode20AliasRatio",
    title: "decode 20 alias metrics, against sparkplug-payload",
    unit: "x",
    min: 4,
  },
  { run: "codec", figure: "encodeRatio", title: "encode, against sparkplug-payload", unit: "x", min: 4 },
  {
    run: "ingest-sparkplug",
    figure: "hostCpuUsPerMessage",
    title: "Sparkplug DDATA of 47 metrics, socket to OPC UA nodes",
    unit: "us CPU",
    max: 60,
  },
  {
    run: "ingest-sparkplug",
    figure: "hostCpuUsPerMessage",
    per: "limitCpuUsPerMessage",
    title: "the same, against bare receive and decode",
    unit: "x",
    max: 3,
  },
  { run: "ingest-json", figure: "hostCpuUsPerMessage", title: "JSON message of 20 values", unit: "us CPU", max: 40 },
  {
    run: "ingest-lwm2m",
    figure: "hostCpuUsPerMessage",
    title: "LwM2M full update of 42 values",
    unit: "us CPU",
    max: 60,
  },
  {
    run: "ingest-sparkplug",
    figure: "messagesPerS",
    title: "messages of 15 values, stored, for 60 s",
    unit: "/s",
    min: 9_990,
  },
  { run: "ingest-sparkplug", figure: "lost", title: "of these lost", unit: "", max: 0 },
  { run: "ingest-sparkplug", figure: "lagP95Ms", title: "lag under that load, p95", unit: "ms", max: 250 },
  {
    run: "latency",
    figure: "opcuaP95Ms",
    title: "MQTT to OPC UA subscriber (20 ms publishing), p95",
    unit: "ms",
    max: 35,
  },
  { run: "latency", figure: "liveP95Ms", title: "MQTT to WebSocket, p95", unit: "ms", max: 10 },
  { run: "address-space", figure: "readyS", title: "10,000 devices with 45 variables: ready", unit: "s", max: 15 },
  { run: "address-space", figure: "rssMiB", title: "their memory", unit: "MiB", max: 2_300 },
  {
    run: "notify",
    figure: "cpuPercent",
    title: "50,000 notifications/s to one subscriber",
    unit: "% of a core",
    max: 35,
  },
  { run: "notify", figure: "idleCpuPercent", title: "50,000 idle monitored items", unit: "% of a core", max: 1 },
  { run: "notify", figure: "loopP999Ms", title: "event-loop delay at 20,000 values/s, p99.9", unit: "ms", max: 20 },
  { run: "notify", figure: "readsPerS", title: "values read in requests of 1,000", unit: "/s", min: 100_000 },
  { run: "commands", figure: "tripP95Ms", title: "Trip, client to answer, p95", unit: "ms" },
  { run: "commands", figure: "thousandS", title: "1,000 Trips in one Call", unit: "s" },
  { run: "alarms", figure: "heapMiB", title: "60,000 conditions: memory", unit: "MiB", max: 120 },
  { run: "alarms", figure: "createS", title: "the same: creation", unit: "s", max: 3 },
  { run: "alarms", figure: "evaluationsPerS", title: "evaluations of alarm expressions", unit: "/s", min: 200_000 },
  { run: "alarms", figure: "stormS", title: "10,000 trips at once delivered to one subscriber", unit: "s", max: 2 },
  { run: "alarms", figure: "refreshS", title: "ConditionRefresh of 10,000 active alarms", unit: "s", max: 2 },
  { run: "history", figure: "ingestRatio", title: "idempotent ingest, against server-side COPY", unit: "x", min: 0.6 },
  { run: "history", figure: "turboRatio", title: "turbo lane, against the same", unit: "x", min: 1.2 },
  { run: "history", figure: "embeddedRatio", title: "embedded store, against native PostgreSQL", unit: "x", min: 0.5 },
  { run: "history", figure: "stallMs", title: "stall of the main loop at 100,000 values/s", unit: "ms", max: 20 },
  { run: "history", figure: "readPointsPerS", title: "HistoryRead raw, end to end", unit: "points/s", min: 500_000 },
  { run: "history", figure: "readRatio", title: "the same, against the bare SQL read", unit: "x", min: 0.25 },
  {
    run: "history",
    figure: "aggregateRatio",
    title: "1-minute aggregates of 1 M points, against the raw read",
    unit: "x",
    max: 0.2,
  },
  { run: "history", figure: "drainRatio", title: "drain after an outage, against the live rate", unit: "x", min: 10 },
  { run: "rest", figure: "listP95Ms", title: "REST list of 10,000 devices (page of 100), p95", unit: "ms", max: 20 },
  { run: "rest", figure: "liveP95Ms", title: "REST live values of a device, p95", unit: "ms", max: 3 },
  { run: "rest", figure: "wsCpuPercent", title: "500 WebSocket clients at 10 Hz", unit: "% of a core", max: 30 },
  { run: "package", figure: "readMs", title: "device package: read", unit: "ms CPU" },
  { run: "package", figure: "verifyMs", title: "signed container: verified and read", unit: "ms CPU" },
  {
    run: "simulator",
    figure: "cpuPercentAt1000",
    title: "simulator, 1,000 breakers at 1 Hz",
    unit: "% of a core",
    max: 50,
  },
  {
    run: "simulator",
    figure: "loadMessagesPerS",
    title: "simulator, 20,000 messages/s asked for",
    unit: "/s",
    min: 19_800,
  },
  {
    run: "growth",
    figure: "deviceCostRatio",
    title: "CPU per message at 10,000 devices, against 100",
    unit: "x",
    max: 1.3,
  },
  {
    run: "soak-30-min",
    figure: "heapSlopeMiBPerMin",
    title: "30 minutes of soak: growth of the heap",
    unit: "MiB/min",
    max: 0.25,
  },
  { run: "soak-30-min", figure: "handleDelta", title: "the same: handles more at the end", unit: "", max: 3 },
  { run: "soak-30-min", figure: "openFileDelta", title: "the same: open files more at the end", unit: "", max: 8 },
  { run: "soak-30-min", figure: "lost", title: "the same: messages lost", unit: "", max: 0 },
];
