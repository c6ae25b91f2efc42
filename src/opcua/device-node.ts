import { type BaseNode, QualifiedName, StatusCodes, type UAObject, type UAVariable } from "node-opcua";
import type { Device } from "#fleet/device.ts";
import { InternalError } from "#model/errors.ts";
import type { DevicePlan } from "./device-plan.ts";
import type { LeanNodes } from "./engine/lean-nodes.ts";
import { updateLive } from "./engine/live-variable.ts";
import { isObjectNode, isVariableNode } from "./engine/node-guards.ts";
import type { NodeTemplate } from "./engine/node-template.ts";
import { displayNameOf, type PlannedNode } from "./plan-nodes.ts";

/** The nodes of one device, in the order of its plan. */
export interface DeviceNodes {
  readonly plan: DevicePlan;
  readonly all: readonly BaseNode[];
  readonly object: UAObject;
  readonly methodSet: UAObject;
}

/** What the nodes of a device are attached to. */
export interface DevicePlace {
  readonly deviceSet: BaseNode;
  /** The network of its protocol. */
  readonly network: BaseNode;
}

/** Builds the nodes of one device below `deviceSet`: NodeIds are `s=<device>` and `s=<device>/<parameter>`. */
export function buildDeviceNodes(lean: LeanNodes, plan: DevicePlan, device: Device, place: DevicePlace): DeviceNodes {
  const { deviceSet, network } = place;
  const all: BaseNode[] = [];
  const now = new Date();
  for (const planned of plan.nodes) {
    const parent = all[planned.parent] ?? deviceSet;
    const template = planned.parent < 0 ? named(planned.template, device.id) : planned.template;
    const node = lean.add(template, device.id + planned.suffix, parent, planned.reference);
    if (isVariableNode(node)) prepare(node, planned, device, now);
    all.push(node);
  }
  for (const [group, member] of plan.organized) lean.link(nodeAt(all, group), "Organizes", nodeAt(all, member));
  lean.pointAt(nodeAt(all, plan.connectionPoint), plan.connectsTo, network);
  const object = nodeAt(all, 0);
  const methodSet = nodeAt(all, plan.methodSet);
  if (!isObjectNode(object) || !isObjectNode(methodSet)) throw new InternalError(`${device.id}: plan without objects`);
  return { plan, all, object, methodSet };
}

/** Takes the nodes of a device out of the address space; what its type shares stays. */
export function removeDeviceNodes(lean: LeanNodes, nodes: DeviceNodes, deviceSet: BaseNode): void {
  lean.unlink(deviceSet, "HasComponent", nodes.object);
  lean.remove(nodes.all);
}

/** The variable at a place of the plan. */
export function variableAt(nodes: DeviceNodes, place: number): UAVariable {
  const node = nodes.all[place];
  if (!isVariableNode(node)) throw new InternalError(`place ${place} of the plan is no variable`);
  return node;
}

function prepare(variable: UAVariable, { initial }: PlannedNode, device: Device, now: Date): void {
  updateLive(variable, {
    dataType: initial?.dataType ?? 0,
    value: initial?.valueOf(device),
    status: initial === undefined ? StatusCodes.BadWaitingForInitialData : StatusCodes.Good,
    sourceTime: now,
    serverTime: now,
  });
}

function named(template: NodeTemplate, name: string): NodeTemplate {
  const browseName = new QualifiedName({ namespaceIndex: template.browseName.namespaceIndex, name });
  return { ...template, browseName, displayName: displayNameOf(name) };
}

function nodeAt(all: readonly BaseNode[], place: number): BaseNode {
  const node = all[place];
  if (node === undefined) throw new InternalError(`place ${place} is beyond the plan`);
  return node;
}
