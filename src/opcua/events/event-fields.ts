import type { NodeId, QualifiedName, Variant } from "node-opcua";

/** One event as filters see it. */
export interface EventFields {
  /** The type of the event; the same object for all events of a type. */
  readonly eventType: NodeId;
  /** Undefined for events of no condition. */
  readonly conditionId: NodeId | undefined;
  /** The field at a path as `fieldPathOf` writes it, e.g. `AckedState/Id`; a Null variant where the event has none. */
  valueOf(path: string): Variant;
}

/** The path of a field as a text: `AckedState/Id`, names of other namespaces with their index before them: `4:Remedy`. */
export function fieldPathOf(browsePath: readonly QualifiedName[]): string {
  return browsePath
    .map(({ namespaceIndex, name }) => (namespaceIndex === 0 ? (name ?? "") : `${namespaceIndex}:${name ?? ""}`))
    .join("/");
}
