import type { ParameterSpec } from "#model/parameter-spec.ts";
import { SparkplugType } from "#transport/sparkplug/codec/data-type.ts";
import type { Metric } from "#transport/sparkplug/codec/payload.ts";
import { defaultLimits, PayloadDecoder } from "#transport/sparkplug/codec/payload-decoder.ts";
import { PayloadEncoder } from "#transport/sparkplug/codec/payload-encoder.ts";
import { sparkplugTypeOf } from "#transport/sparkplug/points.ts";
import { deviceName, type Feed, type FeedMessage, type FeedShape, valueOf } from "./feed.ts";

const devicesPerNode = 10;
const firstAlias = 1_000;

/** Edge nodes with ten breakers each; data by alias with a time for each metric, as the simulated breakers send it. */
export function sparkplugFeed({ package: pkg, parameters, devices }: FeedShape): Feed {
  const encoder = new PayloadEncoder();
  const decoder = new PayloadDecoder(defaultLimits);
  const sequences = new Uint8Array(Math.ceil(devices / devicesPerNode));
  const nodeOf = (device: number): number => Math.floor(device / devicesPerNode);
  const topicOf = (type: string, device: number): string =>
    `spBv1.0/Bench/${type}/panel-${nodeOf(device)}/${deviceName(device)}`;
  const topics = Array.from({ length: devices }, (_, device) => topicOf("DDATA", device));
  const send = (topic: string, node: number, timestamp: number, metrics: readonly Metric[]): FeedMessage => {
    const seq = sequences[node] ?? 0;
    sequences[node] = seq + 1;
    return { topic, payload: encoder.encode({ timestamp, seq, metrics }), qos: 0 };
  };
  const birth = (device: number, at: number): FeedMessage => {
    const metrics = parameters.map((spec, i): Metric => {
      return { name: spec.bindings.sparkplug?.address, ...metricOf(spec, i, device, 0, at) };
    });
    const type = { name: "Device/Type", datatype: SparkplugType.String, value: pkg.detection.declaredTypes[0] ?? "" };
    return send(topicOf("DBIRTH", device), nodeOf(device), at, [type, ...metrics]);
  };
  return {
    introductions: (at) => {
      const nodes = Array.from(sequences, (_, node) => {
        sequences[node] = 0;
        const bdSeq = { name: "bdSeq", datatype: SparkplugType.Int64, value: 0 };
        return send(`spBv1.0/Bench/NBIRTH/panel-${node}`, node, at, [bdSeq]);
      });
      return [...nodes, ...Array.from({ length: devices }, (_, device) => birth(device, at))];
    },
    message: (device, count, values, at) => {
      const metrics = parameters.slice(0, values).map((spec, i) => metricOf(spec, i, device, count, at));
      return send(topics[device] ?? "", nodeOf(device), at, metrics);
    },
    filters: ["spBv1.0/Bench/#"],
    decode: (_topic, payload) => {
      decoder.decode(payload);
    },
  };
}

// oxlint-disable-next-line max-params -- one metric of one message
function metricOf(spec: ParameterSpec, i: number, device: number, count: number, timestamp: number): Metric {
  const value = valueOf(spec, count);
  return {
    alias: firstAlias * (1 + (device % devicesPerNode)) + i,
    timestamp,
    datatype: sparkplugTypeOf(spec.dataType),
    value: spec.dataType === "boolean" ? value !== 0 : value,
  };
}
