import { AddCause } from "#model/add-cause.ts";
import type { ArgumentSpec, CommandSpec, PackageRole } from "#model/command-spec.ts";
import type { Condition } from "#model/condition.ts";
import type { ParameterValue } from "#model/data-type.ts";
import { HostError } from "#model/errors.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { settingProblemOf } from "#model/parameter-value.ts";
import { typeProblemOf } from "#model/value-type.ts";
import { Refusal } from "./commands/refusal.ts";
import type { Device } from "./device.ts";
import { conditionNow, unknownNames } from "./known-values.ts";
import type { LiveValues } from "./live-values.ts";

export type Inputs = readonly (ParameterValue | undefined)[];

const maxTextLength = 4_096;

/** Fills in defaults and checks each argument of a command; throws `argument-invalid` naming it. */
export function checkedInputs(spec: CommandSpec, inputs: Inputs): Inputs {
  if (inputs.length > spec.inputs.length) {
    throw new HostError("argument-invalid", `${spec.name} takes ${spec.inputs.length} arguments, not ${inputs.length}`);
  }
  return spec.inputs.map((argument, i) => {
    const value = inputs[i] ?? argument.defaultValue;
    if (value === undefined && !argument.required) return undefined;
    const problem = value === undefined ? "it is missing" : argumentProblemOf(argument, value);
    if (problem === undefined) return value;
    throw new HostError("argument-invalid", `${spec.name}: argument ${argument.name}: ${problem}`);
  });
}

function argumentProblemOf(argument: ArgumentSpec, value: ParameterValue): string | undefined {
  const problem = typeProblemOf(value, argument.dataType);
  if (problem !== undefined) return problem;
  if (typeof value === "string" && value.length > maxTextLength) return `longer than ${maxTextLength} characters`;
  if (argument.choices.length > 0 && !argument.choices.includes(String(value))) {
    return `${JSON.stringify(String(value).slice(0, 80))} is none of ${argument.choices.join(", ")}`;
  }
  const shape = { enumeration: [], ...(argument.range === undefined ? {} : { range: argument.range }) };
  const outside = settingProblemOf(value, shape);
  return outside === undefined ? undefined : `${String(value)}: ${outside}`;
}

/** The role that a command needs with these arguments: a choice may name one of its own. */
export function roleOf(spec: CommandSpec, inputs: Inputs): PackageRole {
  for (const [i, argument] of spec.inputs.entries()) {
    const value = inputs[i] ?? argument.defaultValue;
    const role = typeof value === "string" ? argument.choiceRoles?.[value] : undefined;
    if (role !== undefined) return role;
  }
  return spec.role;
}

/** Throws `interlocked` with the package's cause when something forbids the command now, or may: what is not known blocks. */
export function checkInterlocks(device: Device, spec: CommandSpec, live: LiveValues): void {
  for (const { condition, message, addCause = AddCause.blockedByInterlocking } of spec.interlocks ?? []) {
    const holds = conditionNow(condition, device, live);
    if (holds === true) continue;
    const reason = holds === false ? message : unknownText(condition, device, live);
    throw new Refusal("interlocked", addCause, `${device.id}: ${spec.name} is blocked: ${reason}`);
  }
}

/**
 * Checks one new setting against its own specification. Throws `not-writable`, `value-type-mismatch` or
 * `value-out-of-range`.
 */
export function checkSetting(device: Device, spec: ParameterSpec, value: ParameterValue): void {
  const where = `${device.id} ${spec.name}`;
  if (spec.access === "read") throw new HostError("not-writable", `${where} cannot be written`);
  const mismatch = typeProblemOf(value, spec.dataType);
  if (mismatch !== undefined) throw new HostError("value-type-mismatch", `${where}: ${mismatch}`);
  const problem = settingProblemOf(value, spec) ?? stepProblemOf(value, spec) ?? lengthProblemOf(value);
  if (problem !== undefined) {
    throw new HostError("value-out-of-range", `${where}: ${String(value).slice(0, 80)}: ${problem}`);
  }
}

/** Throws `interlocked` while the condition under which a parameter may be written is not known to hold. */
export function checkValidity(device: Device, spec: ParameterSpec, live: LiveValues): void {
  if (spec.validWhen === undefined || conditionNow(spec.validWhen, device, live) === true) return;
  const reason = `${device.id} ${spec.name} can be written only while ${spec.validWhen.text}`;
  throw new Refusal("interlocked", AddCause.blockedByMode, reason);
}

/**
 * Checks the rules between settings as they would be with `drafts` (by parameter name); only rules about a drafted one.
 * Throws `rule-violated`, also when a rule cannot be checked because another setting is not known.
 */
export function checkRules(device: Device, drafts: ReadonlyMap<string, ParameterValue>, live: LiveValues): void {
  for (const { condition, message, name } of device.package.rules) {
    const names = condition.expression?.names ?? [];
    if (!names.some((parameter) => drafts.has(parameter))) continue;
    const holds = conditionNow(condition, device, live, drafts);
    if (holds === true) continue;
    const reason = holds === false ? message : unknownText(condition, device, live, drafts);
    throw new HostError("rule-violated", `${device.id}: rule ${name}: ${reason}`);
  }
}

/** True when no rule between settings would be known to be broken with `drafts`. */
export function keepsRules(device: Device, drafts: ReadonlyMap<string, ParameterValue>, live: LiveValues): boolean {
  return device.package.rules.every(({ condition }) => conditionNow(condition, device, live, drafts) !== false);
}

function stepProblemOf(value: ParameterValue, { step, range }: ParameterSpec): string | undefined {
  if (step === undefined || typeof value !== "number") return undefined;
  const from = range?.low ?? 0;
  const steps = (value - from) / step;
  return Math.abs(steps - Math.round(steps)) < 1e-6 ? undefined : `expected steps of ${step} from ${from}`;
}

function lengthProblemOf(value: ParameterValue): string | undefined {
  const isLong = typeof value === "string" && value.length > maxTextLength;
  return isLong ? `longer than ${maxTextLength} characters` : undefined;
}

function unknownText(
  condition: Condition,
  device: Device,
  live: LiveValues,
  drafts?: ReadonlyMap<string, ParameterValue>,
): string {
  const names = unknownNames(condition, device, live, drafts);
  return names.length === 0
    ? `"${condition.text}" cannot be told`
    : `${names.join(", ")} of the device ${names.length === 1 ? "is" : "are"} not known`;
}
