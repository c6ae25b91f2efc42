import type { AddressSpace } from "node-opcua";
import type { HistoryAccess } from "#fleet/history/ports.ts";
import { isVariableNode } from "#opcua/engine/node-guards.ts";
import { annotationsKey } from "./history-target.ts";

/**
 * The Annotations properties of parameters (OPC 10000-11, 5.1.2): in the address space from the first annotation on, because
 * one for each of half a million parameters would cost a gigabyte. They can be read and written before they are there.
 */
export class AnnotationNodes {
  readonly #addressSpace: AddressSpace;

  constructor(addressSpace: AddressSpace) {
    this.#addressSpace = addressSpace;
  }

  /** Shows those that have annotations from earlier runs. */
  async showAll(access: HistoryAccess): Promise<void> {
    for (const { device, parameter } of await access.annotated()) this.show(device, parameter);
  }

  /** Shows the property of a parameter, if the parameter is there. */
  show(device: string, parameter: string): void {
    const namespace = this.#addressSpace.getOwnNamespace();
    const variable = this.#addressSpace.findNode(`ns=${namespace.index};s=${device}/${parameter}`);
    const key = annotationsKey(device, parameter);
    if (!isVariableNode(variable) || this.#addressSpace.findNode(`ns=${namespace.index};s=${key}`) !== null) return;
    namespace.addVariable({
      browseName: { namespaceIndex: 0, name: "Annotations" },
      nodeId: `s=${key}`,
      propertyOf: variable,
      dataType: "Annotation",
      accessLevel: "HistoryRead | HistoryWrite",
      userAccessLevel: "HistoryRead | HistoryWrite",
    });
  }
}
