import { type NodeId, ObjectIds } from "node-opcua";
import { type AggregateName, aggregateNames } from "#model/aggregate.ts";
import type { DataType } from "#model/data-type.ts";

const idOf = (name: AggregateName): number => ObjectIds[`AggregateFunction_${name}`];

/** NodeIds of the aggregate functions (OPC 10000-13, 4.2.2), all in namespace 0. */
export const aggregateIds: ReadonlyMap<AggregateName, number> = new Map(
  aggregateNames.map((name) => [name, idOf(name)]),
);

const nameOfId = new Map(aggregateNames.map((name) => [idOf(name), name]));

/** The aggregate function that a NodeId names; undefined when it is none of the standard ones. */
export function aggregateNamed(nodeId: NodeId): AggregateName | undefined {
  return nodeId.namespace === 0 && typeof nodeId.value === "number" ? nameOfId.get(nodeId.value) : undefined;
}

const sourceTyped: ReadonlySet<AggregateName> = new Set<AggregateName>([
  "Interpolative",
  "Minimum",
  "Maximum",
  "MinimumActualTime",
  "MaximumActualTime",
  "Minimum2",
  "Maximum2",
  "MinimumActualTime2",
  "MaximumActualTime2",
  "Start",
  "End",
  "StartBound",
  "EndBound",
]);

const counts: ReadonlySet<AggregateName> = new Set<AggregateName>(["Count", "AnnotationCount", "NumberOfTransitions"]);

/** The data type of an aggregate's values (OPC 10000-13, 5.4.3); "status-code" is that of the two qualities. */
export function typeOfAggregate(name: AggregateName, source: DataType): DataType | "status-code" {
  if (sourceTyped.has(name)) return source;
  if (counts.has(name)) return "int32";
  return name === "WorstQuality" || name === "WorstQuality2" ? "status-code" : "double";
}
