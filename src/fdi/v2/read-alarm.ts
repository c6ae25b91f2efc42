import type { ElementReader } from "#fdi/xml/element-reader.ts";
import { type AlarmAction, type AlarmSpec, alarmTypes, conditionClasses, ne107Classes } from "#model/alarm-spec.ts";
import type { Condition } from "#model/condition.ts";
import { labelOf } from "./names.ts";
import { type ParameterMap, readCondition, requiredCondition } from "./read-condition.ts";
import { readId, readMilliseconds, readSeverity } from "./read-section.ts";

const maxDelayMs = 86_400_000;

/** Reads one `Alarm` element; its conditions may name any of `parameters`. */
export function readAlarm(reader: ElementReader, parameters: ParameterMap): AlarmSpec {
  const name = readId(reader);
  const clearWhen = readCondition(reader, "clearWhen", parameters);
  const ne107 = reader.optional("ne107") === undefined ? undefined : reader.oneOf("ne107", ne107Classes);
  const ansi = reader.optional("ansi");
  const displayName = reader.optional("label") ?? labelOf(name);
  return {
    name,
    displayName,
    description: reader.childText("Description"),
    type: reader.oneOf("type", alarmTypes, "off-normal"),
    conditionClass: reader.oneOf("class", conditionClasses, "process"),
    severity: readSeverity(reader),
    ...(ne107 === undefined ? {} : { ne107 }),
    when: readWhen(reader, parameters),
    ...(clearWhen === undefined ? {} : { clearWhen }),
    onDelayMs: readMilliseconds(reader, "onDelayMs", maxDelayMs) ?? 0,
    offDelayMs: readMilliseconds(reader, "offDelayMs", maxDelayMs) ?? 0,
    latched: reader.boolean("latched", false),
    ...(reader.boolean("confirm", false) ? { requiresConfirmation: true } : {}),
    ...(reader.boolean("autoAcknowledge", false) ? { autoAcknowledge: true } : {}),
    category: reader.optional("category") ?? "",
    ...(ansi === undefined ? {} : { ansi }),
    message: reader.childText("Message") || displayName,
    remedy: reader.childText("Remedy"),
    actions: reader.children("Action").map(readAction),
  };
}

/** `when` is evaluated; `whenText` says in words what only the device or a person can judge. */
function readWhen(reader: ElementReader, parameters: ParameterMap): Condition {
  const text = reader.optional("whenText");
  if (text === undefined) return requiredCondition(reader, "when", parameters);
  if (reader.optional("when") !== undefined) reader.failAttribute("whenText", "either when or whenText");
  return { text };
}

/** True for actions that switch the breaker. */
export function isSwitching(type: string): boolean {
  return type.toLowerCase() === "control";
}

function readAction(reader: ElementReader): AlarmAction {
  const action: AlarmAction = {
    name: reader.required("name"),
    type: reader.required("type"),
    executedBy: reader.oneOf("executedBy", ["host", "device"], "host"),
  };
  // Protection never depends on the host: what switches the breaker is done by the breaker.
  if (isSwitching(action.type) && action.executedBy === "host") {
    reader.fail('type="Control": expected executedBy="device", the host executes no control action');
  }
  reader.finish();
  return action;
}
