import { Type } from "typebox";
import { nullable } from "./common.ts";

const ByReason = Type.Record(Type.String(), Type.Integer());

export const TrafficTotals = Type.Object({
  messages: Type.Integer({ description: "accepted + rejected + pending" }),
  accepted: Type.Integer(),
  rejected: Type.Integer(),
  pending: Type.Integer(),
  values: Type.Integer(),
  rejectedByReason: ByReason,
  flawedByReason: ByReason,
});

export const SourceTraffic = Type.Object({
  source: Type.String({ description: "A device, or the topic of something that is none" }),
  accepted: Type.Integer(),
  rejected: Type.Integer(),
  rejectedByReason: ByReason,
  flawedByReason: ByReason,
  lastProblem: nullable(Type.String()),
});

export const Traffic = Type.Object({
  ...TrafficTotals.properties,
  protocols: Type.Record(Type.String(), TrafficTotals),
  troubled: Type.Array(SourceTraffic, { description: "The sources with the most trouble, the worst first" }),
});
