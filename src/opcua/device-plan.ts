import {
  type BaseNode,
  DataType,
  makeAccessLevelFlag,
  type NodeId,
  PermissionFlag,
  QualifiedName,
  resolveNodeId,
  type UAReference,
} from "node-opcua";
import { allows } from "#fleet/access/action.ts";
import { deviceSpecs, healthSpecs } from "#fleet/alarms/standard-specs.ts";
import type { PackageRole } from "#model/command-spec.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import type { TagName } from "#model/tag-nameplate.ts";
import type { ConditionTypes } from "#opcua/events/condition-types.ts";
import type { HistoryConfigurations } from "#opcua/history/history-nodes.ts";
import { connectionVariables } from "./connection-variables.ts";
import { accessLevelOf, type DeviceTypeNodes, type ParameterDeclaration } from "./device-type.ts";
import { type DiModel, diGroupNames } from "./di-model.ts";
import { builtInTypeId, type LeanNodes } from "./engine/lean-nodes.ts";
import { lockProperties } from "./locks.ts";
import { type OwnProperty, ownNameplate } from "./nameplate.ts";
import type { Networks } from "./networks.ts";
import { parameterTypeNameOf } from "./parameter-properties.ts";
import { PlanNodes, type PlannedNode } from "./plan-nodes.ts";
import { type RolePermissions, rolePermissions } from "./role-permissions.ts";
import { uaTypeOf } from "./ua-data-type.ts";

/** How the nodes of a device of one type are made: compiled once, run for each device. */
export interface DevicePlan {
  readonly nodes: readonly PlannedNode[];
  /** Functional groups and what they organize: places in the plan. */
  readonly organized: readonly (readonly [group: number, member: number])[];
  readonly methodSet: number;
  /** Place of each parameter, in index order. */
  readonly parameters: readonly number[];
  /** Places of ValueAsText by parameter index. */
  readonly valueTexts: ReadonlyMap<number, number>;
  /** Places of nameplate properties that a parameter fills, by parameter index. */
  readonly nameplate: ReadonlyMap<number, number>;
  readonly connectionPoint: number;
  /** Places of the connection variables, in their order. */
  readonly connectionVariables: readonly number[];
  /** Name of DI's reference type from a connection point to its network. */
  readonly connectsTo: string;
  readonly revisionCounter: number;
  /** Places of what people may call the device. */
  readonly tags: ReadonlyMap<TagName, number>;
  readonly lock: LockPlaces;
  readonly health: number;
}

/** Places of a device's Lock object and its properties. */
export interface LockPlaces {
  readonly object: number;
  readonly properties: ReadonlyMap<string, number>;
}

/** A property with its value, an extension object. */
export interface PlannedProperty {
  readonly name: string;
  readonly dataType: NodeId;
  readonly value: unknown;
}

export interface PlanContext {
  readonly lean: LeanNodes;
  readonly di: DiModel;
  readonly networks: Networks;
  readonly conditionTypes: ConditionTypes;
  /** True: also who did not log in may look. */
  readonly showsAll: boolean;
  readonly historyConfigurations: HistoryConfigurations;
  /** Methods of LockingServicesType. */
  readonly lockMethods: readonly BaseNode[];
  /** Properties that a parameter has by its type: unit and range. */
  readonly propertiesOf: (spec: ParameterSpec) => readonly PlannedProperty[];
  /** Variable and object types by browse name. */
  readonly typeOf: (name: string) => BaseNode;
}

/** Plans the devices of a type; `specific`: parameters that they have beyond it. */
export function planDevice(
  context: PlanContext,
  type: DeviceTypeNodes,
  specific: readonly ParameterSpec[] = [],
): DevicePlan {
  return new Planner(context, type).plan(specific);
}

class Planner {
  readonly #context: PlanContext;
  readonly #type: DeviceTypeNodes;
  readonly #nodes: PlanNodes;
  /** Who may write what people call a device. */
  readonly #namers: RolePermissions;
  readonly #organized: (readonly [number, number])[] = [];
  readonly #groups = new Map<string, number>();
  readonly #valueTexts = new Map<number, number>();
  readonly #nameplate = new Map<number, number>();
  #connection = -1;
  #revisionCounter = -1;
  readonly #tags = new Map<TagName, number>();

  constructor(context: PlanContext, type: DeviceTypeNodes) {
    this.#context = context;
    const may = (role: PackageRole): boolean => allows([role], "device.name");
    this.#namers = rolePermissions(context.showsAll, PermissionFlag.Write, may);
    this.#type = type;
    this.#nodes = new PlanNodes(context.lean, context.typeOf);
  }

  plan(specific: readonly ParameterSpec[]): DevicePlan {
    const { lean, di } = this.#context;
    const { objectType, nameplate, methods, parameters } = this.#type;
    const shared = nameplate.map((property) => lean.sharedReference("HasProperty", property));
    this.#nodes.object(new QualifiedName({ namespaceIndex: 1, name: "" }), {
      suffix: "",
      parent: -1,
      type: objectType,
      shared: [...shared, ...this.#conditions()],
      isNotifier: true,
      keepsEvents: true,
    });
    const parameterSet = this.#set("ParameterSet");
    const callable = methods.map(({ method }) => lean.sharedReference("HasComponent", method));
    const methodSet = this.#set("MethodSet", callable);
    const places = [
      ...parameters.map((declaration) => this.#parameter(parameterSet, declaration)),
      ...specific.map((spec) => this.#specificParameter(parameterSet, spec)),
    ];
    for (const entry of ownNameplate) this.#ownProperty(entry);
    const health = this.#deviceHealth(di);
    const connection = this.#connectionPoint();
    const lock = this.#lock();
    return {
      nodes: this.#nodes.all,
      // Group by group, because the members of one share their way back.
      organized: this.#organized.toSorted(([one], [other]) => one - other),
      methodSet,
      parameters: places,
      valueTexts: this.#valueTexts,
      nameplate: this.#nameplate,
      health,
      lock,
      revisionCounter: this.#revisionCounter,
      tags: this.#tags,
      connectionPoint: this.#connection,
      connectionVariables: connection,
      connectsTo: `${di.namespaceIndex}:ConnectsTo`,
    };
  }

  /** What alarms the device can have: their types, because alarms are no nodes (OPC 10000-9, 5.12). */
  #conditions(): UAReference[] {
    const { lean, conditionTypes } = this.#context;
    const standard = [...Object.values(deviceSpecs), ...Object.values(healthSpecs)];
    const types = new Set([...this.#type.package.alarms, ...standard].map((spec) => conditionTypes.node(spec)));
    return [...types].map((type) => lean.sharedReference("HasCondition", type));
  }

  #parameter(parameterSet: number, declaration: ParameterDeclaration): number {
    const { spec, typeName, variable: declared, shared } = declaration;
    const { lean, historyConfigurations } = this.#context;
    const references = shared.map((property) => lean.sharedReference("HasProperty", property));
    if (spec.history.historize)
      references.push(lean.sharedReference("HasHistoricalConfiguration", historyConfigurations.of(spec)));
    const place = this.#nodes.variable({
      name: declared.browseName,
      displayName: spec.displayName,
      suffix: `/${spec.name}`,
      parent: parameterSet,
      reference: "HasComponent",
      typeName,
      dataType: builtInTypeId(uaTypeOf(spec.dataType)),
      accessLevel: makeAccessLevelFlag(accessLevelOf(spec)),
      historizing: spec.history.historize,
      shared: references,
      ...(declared.rolePermissions === undefined ? {} : { rolePermissions: declared.rolePermissions }),
    });
    this.#organized.push([this.#group(spec.group), place]);
    if (spec.enumeration.length > 0) this.#valueTexts.set(spec.index, this.#valueText(place, spec));
    return place;
  }

  /** A parameter that no type declares: its properties are its own. */
  #specificParameter(parameterSet: number, spec: ParameterSpec): number {
    const { lean, historyConfigurations, propertiesOf } = this.#context;
    const place = this.#nodes.variable({
      name: new QualifiedName({ namespaceIndex: 1, name: spec.name }),
      displayName: spec.displayName,
      suffix: `/${spec.name}`,
      parent: parameterSet,
      reference: "HasComponent",
      typeName: parameterTypeNameOf(spec),
      dataType: builtInTypeId(uaTypeOf(spec.dataType)),
      accessLevel: makeAccessLevelFlag(accessLevelOf(spec)),
      historizing: spec.history.historize,
      shared: [lean.sharedReference("HasHistoricalConfiguration", historyConfigurations.of(spec))],
    });
    this.#organized.push([this.#group(spec.group), place]);
    for (const { name, dataType, value } of propertiesOf(spec)) {
      this.#nodes.variable({
        name: new QualifiedName({ namespaceIndex: 0, name }),
        displayName: name,
        suffix: `/${spec.name}/${name}`,
        parent: place,
        reference: "HasProperty",
        typeName: "PropertyType",
        dataType,
        accessLevel: makeAccessLevelFlag("CurrentRead"),
        historizing: false,
        initial: { dataType: DataType.ExtensionObject, valueOf: () => value },
      });
    }
    return place;
  }

  #valueText(parent: number, spec: ParameterSpec): number {
    return this.#nodes.property(new QualifiedName({ namespaceIndex: 0, name: "ValueAsText" }), {
      suffix: `/${spec.name}/ValueAsText`,
      parent,
      type: DataType.LocalizedText,
    });
  }

  #ownProperty({ name, type, parameter, tag, valueOf }: OwnProperty): void {
    const place = this.#nodes.property(new QualifiedName({ namespaceIndex: this.#context.di.namespaceIndex, name }), {
      suffix: `/Nameplate/${name}`,
      parent: 0,
      type,
      ...(tag === undefined ? {} : { writers: this.#namers }),
      valueOf,
    });
    this.#organized.push([this.#group("Identification"), place]);
    if (name === "RevisionCounter") this.#revisionCounter = place;
    if (tag !== undefined) this.#tags.set(tag, place);
    const source = this.#type.package.parameterByName.get(parameter ?? "");
    if (source !== undefined) this.#nameplate.set(source.index, place);
  }

  /** DeviceHealth of DI (OPC 10000-100, 4.5.4): what the device and its alarms say. */
  #deviceHealth(di: DiModel): number {
    const place = this.#nodes.variable({
      name: new QualifiedName({ namespaceIndex: di.namespaceIndex, name: "DeviceHealth" }),
      displayName: "DeviceHealth",
      suffix: "/Health",
      parent: 0,
      reference: "HasComponent",
      typeName: "BaseDataVariableType",
      dataType: di.deviceHealthType,
      accessLevel: makeAccessLevelFlag("CurrentRead"),
      historizing: false,
      initial: { dataType: DataType.Int32, valueOf: () => 0 },
    });
    this.#organized.push([this.#group("Diagnostics"), place]);
    return place;
  }

  /** The lock of the device (OPC 10000-100, 7.2); its methods are those of the type. */
  #lock(): LockPlaces {
    const { lean, di, typeOf, lockMethods } = this.#context;
    const name = (text: string): QualifiedName => new QualifiedName({ namespaceIndex: di.namespaceIndex, name: text });
    const object = this.#nodes.object(name("Lock"), {
      suffix: "/Lock",
      parent: 0,
      type: typeOf("LockingServicesType"),
      shared: lockMethods.map((method) => lean.sharedReference("HasComponent", method)),
    });
    const properties = new Map<string, number>();
    for (const property of lockProperties) {
      const place = this.#nodes.variable({
        name: name(property.name),
        displayName: property.name,
        suffix: `/Lock/${property.name}`,
        parent: object,
        reference: "HasProperty",
        typeName: "PropertyType",
        dataType: resolveNodeId(property.dataType),
        accessLevel: makeAccessLevelFlag("CurrentRead"),
        historizing: false,
        initial: { dataType: property.type, valueOf: () => property.initial },
      });
      properties.set(property.name, place);
    }
    return { object, properties };
  }

  /** How the device is reached (OPC 10000-100, 7.4): a connection point on the network of its protocol. */
  #connectionPoint(): number[] {
    const { di, networks } = this.#context;
    const index = networks.namespaceIndex;
    const point = this.#nodes.object(new QualifiedName({ namespaceIndex: index, name: "ConnectionPoint" }), {
      suffix: "/ConnectionPoint",
      parent: 0,
      type: networks.connectionPointType,
    });
    const address = this.#nodes.object(
      new QualifiedName({ namespaceIndex: di.namespaceIndex, name: "NetworkAddress" }),
      {
        suffix: "/ConnectionPoint/NetworkAddress",
        parent: point,
        type: di.functionalGroupType,
      },
    );
    this.#nodes.variable({
      name: new QualifiedName({ namespaceIndex: index, name: "Address" }),
      displayName: "Address",
      suffix: "/ConnectionPoint/Address",
      parent: address,
      reference: "HasComponent",
      typeName: "BaseDataVariableType",
      dataType: builtInTypeId(DataType.String),
      accessLevel: makeAccessLevelFlag("CurrentRead"),
      historizing: false,
      initial: { dataType: DataType.String, valueOf: (device) => device.address },
    });
    this.#connection = point;
    return connectionVariables.map(({ name, dataType }) =>
      this.#nodes.variable({
        name: new QualifiedName({ namespaceIndex: index, name }),
        displayName: name,
        suffix: `/ConnectionPoint/${name}`,
        parent: point,
        reference: "HasComponent",
        typeName: "BaseDataVariableType",
        dataType: builtInTypeId(dataType),
        accessLevel: makeAccessLevelFlag("CurrentRead"),
        historizing: false,
      }),
    );
  }

  /** The functional group at `path`, planned on demand with all groups above it. */
  #group(path: string): number {
    const known = this.#groups.get(path);
    if (known !== undefined) return known;
    const cut = path.lastIndexOf("/");
    const name = path.slice(cut + 1);
    const { di } = this.#context;
    const isDiName = cut < 0 && diGroupNames.has(name);
    const browseName = new QualifiedName({
      namespaceIndex: isDiName ? di.namespaceIndex : this.#type.namespace.index,
      name,
    });
    const parent = cut < 0 ? 0 : this.#group(path.slice(0, cut));
    const place = this.#nodes.object(browseName, {
      suffix: `/Groups/${path}`,
      parent,
      type: di.functionalGroupType,
    });
    this.#groups.set(path, place);
    return place;
  }

  #set(name: string, shared: readonly UAReference[] = []): number {
    const browseName = new QualifiedName({ namespaceIndex: this.#context.di.namespaceIndex, name });
    const type = this.#context.typeOf("BaseObjectType");
    return this.#nodes.object(browseName, { suffix: `/${name}`, parent: 0, type, shared });
  }
}
