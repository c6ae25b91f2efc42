import { setImmediate as nextTurn } from "node:timers/promises";
import { type AddressSpace, type BaseNode, DataType, StatusCodes, type UAObject, type UAVariable } from "node-opcua";
import type { Device } from "#fleet/device.ts";
import type { LiveValues } from "#fleet/live-values.ts";
import { type DevicePackage, installedPackage, packageKey } from "#model/device-package.ts";
import { InternalError } from "#model/errors.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import type { TagNameplate } from "#model/tag-nameplate.ts";
import type { ConditionTypes } from "#opcua/events/condition-types.ts";
import { HistoryConfigurations } from "#opcua/history/history-nodes.ts";
import { CatalogueNodes } from "./catalogue-nodes.ts";
import type { ConnectionView } from "./connection-view.ts";
import { buildDeviceNodes, type DeviceNodes, removeDeviceNodes, variableAt } from "./device-node.ts";
import { type DevicePlan, type PlanContext, type PlannedProperty, planDevice } from "./device-plan.ts";
import { buildDeviceType, type DeviceTypeNodes, type MethodDeclaration } from "./device-type.ts";
import { type DiModel, findDiModel } from "./di-model.ts";
import { LeanNodes } from "./engine/lean-nodes.ts";
import { updateLive } from "./engine/live-variable.ts";
import { ModelChanges } from "./engine/model-changes.ts";
import { isObjectNode } from "./engine/node-guards.ts";
import { resumeItems } from "./engine/resuming-items.ts";
import { FleetTree } from "./fleet-tree.ts";
import type { LockNode, LockNodes } from "./locks.ts";
import type { Mirror } from "./mirror.ts";
import { ownNameplate, tagValueOf } from "./nameplate.ts";
import { Networks } from "./networks.ts";
import { parameterTypeNameOf, propertiesOf } from "./parameter-properties.ts";
import { rolePermissions } from "./role-permissions.ts";
import { setLockPermissions, setTypePermissions } from "./type-permissions.ts";

export interface DeviceSpaceParts {
  readonly live: LiveValues;
  /** True: also who did not log in may look. */
  readonly showsAll: boolean;
  readonly mirror: Mirror;
  readonly connections: ConnectionView;
  /** True while devices can be reached. */
  readonly isOnline: () => boolean;
  readonly lockNodes: LockNodes;
  readonly conditionTypes: ConditionTypes;
  /** Called once per device type, when its ObjectType was built. */
  readonly bindMethods: (methods: readonly MethodDeclaration[]) => void;
}

interface TypeEntry {
  readonly nodes: DeviceTypeNodes;
  readonly plan: DevicePlan;
}

/** The event loop is given back at least this often while many devices are built. */
const sliceMs = 10;

/** The devices in the address space: types, instances, the Fleet tree, and what changes when one comes or goes. */
export class DeviceSpace {
  readonly #parts: DeviceSpaceParts;
  readonly #addressSpace: AddressSpace;
  readonly #di: DiModel;
  readonly #lean: LeanNodes;
  readonly #plans: PlanContext;
  readonly #fleet: FleetTree;
  readonly #networks: Networks;
  readonly catalogue: CatalogueNodes;
  readonly #changes: ModelChanges;
  readonly #types = new Map<string, TypeEntry>();
  /** Plans of packages with points beyond those that were installed. */
  readonly #extendedPlans = new WeakMap<DevicePackage, DevicePlan>();
  readonly #nodes = new Map<Device, DeviceNodes>();
  readonly #counts = new Map<DevicePackage, number>();
  readonly #deviceOfMethodSet = new WeakMap<object, Device>();

  constructor(addressSpace: AddressSpace, parts: DeviceSpaceParts) {
    this.#parts = parts;
    this.#addressSpace = addressSpace;
    this.#di = findDiModel(addressSpace);
    this.#lean = new LeanNodes(addressSpace, addressSpace.getOwnNamespace());
    this.#changes = new ModelChanges(addressSpace);
    this.#networks = new Networks(addressSpace, this.#di.namespaceIndex);
    this.#networks.showOnlineAccess(parts.isOnline);
    this.catalogue = new CatalogueNodes(addressSpace);
    this.#plans = {
      networks: this.#networks,
      conditionTypes: parts.conditionTypes,
      lean: this.#lean,
      di: this.#di,
      historyConfigurations: new HistoryConfigurations(addressSpace),
      lockMethods: parts.lockNodes.methods,
      propertiesOf: (spec) => plannedPropertiesOf(addressSpace, spec),
      showsAll: parts.showsAll,
      typeOf: (name) => typeNamed(addressSpace, name, this.#di.namespaceIndex),
    };
    this.#fleet = new FleetTree(this.#lean, addressSpace);
    addressSpace.getOwnNamespace().setDefaultRolePermissions(rolePermissions(parts.showsAll));
    setLockPermissions(parts.lockNodes.methods, parts.showsAll);
  }

  /** Shows a package in the catalogue and builds its ObjectType, whether a device uses it or not. */
  addPackage(pkg: DevicePackage): void {
    this.#typeOf(pkg);
  }

  /** Takes a package that no device has out of the catalogue, with its ObjectType. */
  removePackage(pkg: DevicePackage): void {
    const key = packageKey(pkg);
    const known = this.#types.get(key);
    if (known === undefined || (this.#counts.get(pkg) ?? 0) > 0) return;
    this.#types.delete(key);
    this.catalogue.remove(key);
    known.nodes.namespace.deleteNode(known.nodes.objectType);
  }

  /** Adds many devices in slices, so that clients and devices are served meanwhile. */
  async addAll(devices: Iterable<Device>): Promise<void> {
    let sliceEnd = performance.now() + sliceMs;
    for (const device of devices) {
      this.#build(device);
      if (performance.now() < sliceEnd) continue;
      await nextTurn();
      sliceEnd = performance.now() + sliceMs;
    }
  }

  add(device: Device): void {
    this.#build(device);
    const nodes = this.#nodes.get(device);
    if (nodes !== undefined) this.#changes.added(nodes.object, this.#di.deviceSet);
  }

  remove(device: Device): void {
    const nodes = this.#nodes.get(device);
    if (nodes === undefined) return;
    this.#parts.mirror.unbind(device);
    this.#parts.connections.unbind(device);
    this.#parts.lockNodes.remove(device);
    this.#nodes.delete(device);
    this.#count(device, -1);
    this.#fleet.remove(device, nodes.object);
    const { nodeId, typeDefinition } = nodes.object;
    removeDeviceNodes(this.#lean, nodes, this.#di.deviceSet);
    this.#changes.removed(nodeId, typeDefinition, this.#di.deviceSet);
  }

  /** `Objects/Fleet`. */
  get fleetFolder(): UAObject {
    return this.#fleet.root;
  }

  /** The objects on which clients hear of the events of a device, from the outermost in; the Server object aside. */
  notifiersOf(device: Device): readonly UAObject[] {
    const nodes = this.#nodes.get(device);
    return nodes === undefined ? [] : [...this.#fleet.notifiersOf(device), nodes.object];
  }

  /** The device whose MethodSet `object` is. */
  deviceOf(object: unknown): Device | undefined {
    return typeof object === "object" && object !== null ? this.#deviceOfMethodSet.get(object) : undefined;
  }

  /** Shows how often settings of the device changed (RevisionCounter of OPC 10000-100, 4.5.1). */
  showRevision(device: Device, revision: number): void {
    this.#showNumber(device, ({ revisionCounter }) => revisionCounter, revision);
  }

  /** Shows how the device is: a value of DeviceHealthEnumeration (OPC 10000-100, 4.5.4). */
  showHealth(device: Device, health: number): void {
    this.#showNumber(device, (plan) => plan.health, health);
  }

  #showNumber(device: Device, placeOf: (plan: DevicePlan) => number, value: number): void {
    const nodes = this.#nodes.get(device);
    if (nodes === undefined) return;
    const now = new Date();
    const about = { status: StatusCodes.Good, sourceTime: now, serverTime: now };
    updateLive(variableAt(nodes, placeOf(nodes.plan)), { dataType: DataType.Int32, value, ...about });
  }

  /** Shows what people call the device. */
  showTag(device: Device, tag: TagNameplate): void {
    const nodes = this.#nodes.get(device);
    if (nodes === undefined) return;
    const now = new Date();
    const about = { status: StatusCodes.Good, sourceTime: now, serverTime: now };
    for (const property of ownNameplate) {
      const place = property.tag === undefined ? undefined : nodes.plan.tags.get(property.tag);
      if (property.tag === undefined || place === undefined) continue;
      const value = tagValueOf(property, tag[property.tag]);
      updateLive(variableAt(nodes, place), { dataType: property.type, value, ...about });
    }
  }

  get size(): number {
    return this.#nodes.size;
  }

  #build(device: Device): void {
    if (this.#nodes.has(device)) return;
    const plan = this.#planOf(device.package);
    const place = { deviceSet: this.#di.deviceSet, network: this.#networks.networkOf(device.protocol) };
    const nodes = buildDeviceNodes(this.#lean, plan, device, place);
    this.#nodes.set(device, nodes);
    this.#count(device, 1);
    this.#deviceOfMethodSet.set(nodes.methodSet, device);
    this.#parts.lockNodes.add(device, lockNodeOf(nodes));
    this.#fleet.add(device, nodes.object);
    this.#parts.mirror.bind(device, nodes, this.#parts.live);
    this.#parts.connections.bind(device, nodes);
    resumeItems(nodes.all);
  }

  #count(device: Device, change: number): void {
    const pkg = installedPackage(device.package);
    this.#counts.set(pkg, (this.#counts.get(pkg) ?? 0) + change);
  }

  #planOf(pkg: DevicePackage): DevicePlan {
    const { nodes, plan } = this.#typeOf(installedPackage(pkg));
    if (pkg.base === undefined) return plan;
    const known = this.#extendedPlans.get(pkg);
    if (known !== undefined) return known;
    const extended = planDevice(this.#plans, nodes, pkg.parameters.slice(pkg.base.parameters.length));
    this.#extendedPlans.set(pkg, extended);
    return extended;
  }

  #typeOf(pkg: DevicePackage): TypeEntry {
    const known = this.#types.get(packageKey(pkg));
    if (known !== undefined) return known;
    const nodes = buildDeviceType(this.#addressSpace, this.#di, pkg);
    this.#parts.bindMethods(nodes.methods);
    setTypePermissions(nodes, this.#parts.showsAll);
    const entry = { nodes, plan: planDevice(this.#plans, nodes) };
    this.#types.set(packageKey(pkg), entry);
    this.catalogue.add(nodes, () => this.#counts.get(pkg) ?? 0);
    return entry;
  }
}

function lockNodeOf(nodes: DeviceNodes): LockNode {
  const { object, properties } = nodes.plan.lock;
  const node = nodes.all[object];
  if (!isObjectNode(node)) throw new InternalError("the plan has no Lock object");
  const property = (name: string): UAVariable => variableAt(nodes, properties.get(name) ?? -1);
  return {
    object: node,
    properties: {
      Locked: property("Locked"),
      LockingClient: property("LockingClient"),
      LockingUser: property("LockingUser"),
      RemainingLockTime: property("RemainingLockTime"),
    },
  };
}

function plannedPropertiesOf(addressSpace: AddressSpace, spec: ParameterSpec): PlannedProperty[] {
  return propertiesOf(addressSpace, spec, parameterTypeNameOf(spec)).map(({ name, dataType, value }) => {
    const type = addressSpace.findDataType(dataType);
    if (type === null) throw new InternalError(`data type ${dataType} is not in the address space`);
    const shown: unknown = value.value;
    return { name, dataType: type.nodeId, value: shown };
  });
}

function typeNamed(addressSpace: AddressSpace, name: string, diIndex: number): BaseNode {
  const found =
    addressSpace.findVariableType(name) ??
    addressSpace.findObjectType(name) ??
    addressSpace.findObjectType(name, diIndex);
  if (found === null) throw new InternalError(`type ${name} is not in the address space`);
  return found;
}
