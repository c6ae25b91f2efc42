import type { NodeId, Variant } from "node-opcua";
import type { AlarmSpec } from "#model/alarm-spec.ts";
import type { AlarmState, Shelving } from "#model/alarm-state.ts";
import type { EpochMs } from "#model/ids.ts";
import type { ConditionType } from "./condition-types.ts";
import { no, truthOf, unknown, yes } from "./operand-value.ts";
import {
  doubleVariant,
  localizedVariant,
  nodeIdVariant,
  nullNodeId,
  qualityVariant,
  severityVariant,
  standardId,
  textVariant,
  timeVariant,
} from "./variants.ts";

/** An alarm as it was when an event tells of it. */
export interface AlarmMoment {
  readonly spec: AlarmSpec;
  readonly state: AlarmState;
  readonly type: ConditionType;
  /** When the event happened. */
  readonly at: EpochMs;
  /** NodeId of a parameter of the device. */
  readonly parameterNode: (parameter: string) => NodeId | undefined;
  /** Present value of a parameter that holds a limit. */
  readonly numberOf: (parameter: string) => number | undefined;
}

type Reader = (moment: AlarmMoment) => Variant;

/** A TwoStateVariable: its text, its Id and when it changed (OPC 10000-9, 5.2). */
function twoState(words: readonly [whenTrue: string, whenFalse: string], is: (state: AlarmState) => boolean) {
  const [whenTrue, whenFalse] = words.map((word) => localizedVariant(word, "en"));
  return {
    text: ({ state }: AlarmMoment): Variant => (is(state) ? whenTrue : whenFalse) ?? unknown,
    id: ({ state }: AlarmMoment): Variant => truthOf(is(state)),
  };
}

const enabled = twoState(["Enabled", "Disabled"], (state) => state.enabled);
const active = twoState(["Active", "Inactive"], (state) => state.active);
const acknowledged = twoState(["Acknowledged", "Unacknowledged"], (state) => state.acknowledged);
const confirmed = twoState(["Confirmed", "Unconfirmed"], (state) => state.confirmed);
const suppressed = twoState(["Suppressed", "Unsuppressed"], (state) => state.suppressed);
const outOfService = twoState(["Out of Service", "In Service"], (state) => state.outOfService);
const latched = twoState(["Latched", "Unlatched"], (state) => state.latched);

/** The states of ShelvedStateMachineType. */
const shelvings: Readonly<Record<Shelving, { readonly text: Variant; readonly id: Variant }>> = {
  unshelved: { text: localizedVariant("Unshelved", "en"), id: nodeIdVariant(standardId(2930)) },
  timed: { text: localizedVariant("Timed Shelved", "en"), id: nodeIdVariant(standardId(2932)) },
  "one-shot": { text: localizedVariant("One Shot Shelved", "en"), id: nodeIdVariant(standardId(2933)) },
};

/** Whether clients should see it: OPC 10000-9, 5.5.2 (Retain). */
export function isRetained(state: AlarmState): boolean {
  return state.enabled && (state.active || !state.acknowledged || !state.confirmed);
}

/** In one word for operators, e.g. `Active | Unacknowledged`. */
function effectiveName({ state }: AlarmMoment): Variant {
  if (!state.enabled) return localizedVariant("Disabled", "en");
  const words = [state.active ? "Active" : "Inactive", state.acknowledged ? "Acknowledged" : "Unacknowledged"];
  if (state.outOfService) words.push("Out of Service");
  if (state.suppressed) words.push("Suppressed");
  if (state.shelving !== "unshelved") words.push("Shelved");
  return localizedVariant(words.join(" | "), "en");
}

function unshelveTime({ state, at }: AlarmMoment): Variant {
  return doubleVariant(state.shelvedUntil === undefined ? 0 : Math.max(0, state.shelvedUntil - at));
}

function limitOf(side: "high" | "low"): Reader {
  return ({ type: { limit }, numberOf }) => {
    if (limit?.side !== side) return unknown;
    const value = typeof limit.limit === "number" ? limit.limit : numberOf(limit.limit);
    return value === undefined ? unknown : doubleVariant(value);
  };
}

/** The state of a level alarm's one limit follows the alarm itself. */
function limitState(side: "high" | "low", read: Reader): Reader {
  return (moment) => (moment.type.limit?.side === side ? read(moment) : unknown);
}

function inputNode({ type, parameterNode }: AlarmMoment): Variant {
  const nodeId = type.inputs[0] === undefined ? undefined : parameterNode(type.inputs[0]);
  return nodeId === undefined ? nullNodeId : nodeIdVariant(nodeId);
}

const activeChangedAt: Reader = ({ state }) => timeVariant(state.active ? state.activeAt : state.clearedAt);
const never: Reader = () => unknown;

/** The fields of conditions, acknowledgeable conditions and alarms (OPC 10000-9, 5.5 to 5.8), by path. */
export const alarmFields: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["ConditionClassId", ({ type }) => nodeIdVariant(type.conditionClass.id)],
  ["ConditionClassName", ({ type }) => localizedVariant(type.conditionClass.name)],
  ["ConditionSubClassId", never],
  ["ConditionSubClassName", never],
  ["ConditionName", ({ spec }) => textVariant(spec.name)],
  // Every alarm has one branch: the newest state (docs/decisions).
  ["BranchId", () => nullNodeId],
  ["Retain", ({ state }) => truthOf(isRetained(state))],
  ["SupportsFilteredRetain", () => no],
  ["EnabledState", enabled.text],
  ["EnabledState/Id", enabled.id],
  ["EnabledState/EffectiveDisplayName", effectiveName],
  ["EnabledState/EffectiveTransitionTime", ({ state }) => timeVariant(state.changedAt)],
  ["EnabledState/TransitionTime", never],
  ["Quality", ({ state }) => qualityVariant(state.quality)],
  ["Quality/SourceTimestamp", ({ state }) => timeVariant(state.changedAt)],
  ["LastSeverity", ({ state }) => severityVariant(state.lastSeverity)],
  ["LastSeverity/SourceTimestamp", ({ state }) => timeVariant(state.changedAt)],
  ["Comment", ({ state }) => localizedVariant(state.comment?.text ?? "")],
  ["Comment/SourceTimestamp", ({ state }) => timeVariant(state.comment?.at)],
  ["ClientUserId", ({ state }) => textVariant(state.comment?.user ?? "")],
  ["AckedState", acknowledged.text],
  ["AckedState/Id", acknowledged.id],
  ["AckedState/TransitionTime", ({ state }) => timeVariant(state.acknowledged ? state.acknowledgedAt : state.activeAt)],
  ["ConfirmedState", confirmed.text],
  ["ConfirmedState/Id", confirmed.id],
  ["ActiveState", active.text],
  ["ActiveState/Id", active.id],
  ["ActiveState/EffectiveDisplayName", active.text],
  ["ActiveState/TransitionTime", activeChangedAt],
  ["ActiveState/EffectiveTransitionTime", activeChangedAt],
  ["InputNode", inputNode],
  ["SuppressedState", suppressed.text],
  ["SuppressedState/Id", suppressed.id],
  ["OutOfServiceState", outOfService.text],
  ["OutOfServiceState/Id", outOfService.id],
  ["ShelvingState/CurrentState", ({ state }) => shelvings[state.shelving].text],
  ["ShelvingState/CurrentState/Id", ({ state }) => shelvings[state.shelving].id],
  ["ShelvingState/UnshelveTime", unshelveTime],
  ["SuppressedOrShelved", ({ state }) => truthOf(isHeldBack(state))],
  ["LatchedState", latched.text],
  ["LatchedState/Id", latched.id],
  ["FirstInGroupFlag", ({ state }) => truthOf(state.firstUp)],
  ["OnDelay", ({ spec }) => doubleVariant(spec.onDelayMs)],
  ["OffDelay", ({ spec }) => doubleVariant(spec.offDelayMs)],
  ["NormalState", () => nullNodeId],
  ["TargetValueNode", inputNode],
  ["ExpectedTime", ({ spec }) => doubleVariant(spec.onDelayMs)],
  ["HighLimit", limitOf("high")],
  ["LowLimit", limitOf("low")],
  ["HighState", limitState("high", active.text)],
  ["HighState/Id", limitState("high", active.id)],
  ["LowState", limitState("low", active.text)],
  ["LowState/Id", limitState("low", active.id)],
]);

function isHeldBack(state: AlarmState): boolean {
  return state.suppressed || state.outOfService || state.shelving !== "unshelved";
}

/** What packages say of an alarm beyond OPC 10000-9; fields of the host's own namespace. */
export const detailFields: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["Remedy", ({ spec }) => localizedVariant(spec.remedy)],
  ["AnsiCode", ({ spec }) => textVariant(spec.ansi ?? "")],
  ["Category", ({ spec }) => textVariant(spec.category)],
  ["Ne107", ({ spec }) => textVariant(spec.ne107 ?? "")],
  ["IsLatching", ({ spec }) => (spec.latched ? yes : no)],
]);
