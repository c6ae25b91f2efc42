import type { AddressSpace, NodeId, UAObjectType } from "node-opcua";
import type { AlarmSpec, ConditionClass, Ne107Class } from "#model/alarm-spec.ts";
import { InternalError } from "#model/errors.ts";
import { type LevelLimit, levelLimitOf } from "./level-limit.ts";

/** What an alarm's rule is as an OPC UA condition; the same for every device with that rule. */
export interface ConditionType {
  readonly eventType: NodeId;
  readonly conditionClass: { readonly id: NodeId; readonly name: string };
  /** The limit of a level alarm. */
  readonly limit: LevelLimit | undefined;
  /** Parameters that the condition reads, in order of appearance. */
  readonly inputs: readonly string[];
}

/** OPC 10000-100, 4.5.4: one alarm type per class of NAMUR NE 107. */
const healthAlarmTypes = {
  F: "FailureAlarmType",
  C: "CheckFunctionAlarmType",
  S: "OffSpecAlarmType",
  M: "MaintenanceRequiredAlarmType",
} satisfies Record<Ne107Class, string>;

/** OPC 10000-9, 5.9. */
const conditionClassTypes = {
  process: "ProcessConditionClassType",
  safety: "SafetyConditionClassType",
  maintenance: "MaintenanceConditionClassType",
  system: "SystemConditionClassType",
} satisfies Record<ConditionClass, string>;

/** Which type of OPC 10000-9 or 10000-100 an alarm has. */
export class ConditionTypes {
  readonly #addressSpace: AddressSpace;
  readonly #diIndex: number;
  readonly #known = new WeakMap<AlarmSpec, ConditionType>();

  constructor(addressSpace: AddressSpace, diIndex: number) {
    this.#addressSpace = addressSpace;
    this.#diIndex = diIndex;
  }

  of(spec: AlarmSpec): ConditionType {
    const known = this.#known.get(spec);
    if (known !== undefined) return known;
    const limit = levelLimitOf(spec.when.text);
    const className = conditionClassTypes[spec.conditionClass];
    const type: ConditionType = {
      eventType: this.node(spec).nodeId,
      conditionClass: { id: this.#type(className).nodeId, name: className },
      limit,
      inputs: spec.when.expression?.names ?? (limit === undefined ? [] : [limit.parameter]),
    };
    this.#known.set(spec, type);
    return type;
  }

  /**
   * The type node. Trips and discrepancies have types of their own; what else tells of the health of the device (NE 107)
   * is one of the four DI health alarms; a limit needs a condition that compares one parameter.
   */
  node(spec: AlarmSpec): UAObjectType {
    if (spec.type === "trip") return this.#type("TripAlarmType");
    if (spec.type === "discrepancy") return this.#type("DiscrepancyAlarmType");
    if (spec.ne107 !== undefined) return this.#type(healthAlarmTypes[spec.ne107], this.#diIndex);
    if (spec.type === "system") return this.#type("SystemOffNormalAlarmType");
    const isLevel = spec.type === "limit" && levelLimitOf(spec.when.text) !== undefined;
    return this.#type(isLevel ? "NonExclusiveLevelAlarmType" : "OffNormalAlarmType");
  }

  #type(name: string, namespaceIndex = 0): UAObjectType {
    const type = this.#addressSpace.findObjectType(name, namespaceIndex);
    if (type === null) throw new InternalError(`${name} is not in the address space`);
    return type;
  }
}
