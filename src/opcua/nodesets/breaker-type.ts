import type { CommandSpec } from "#model/command-spec.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";

/** Namespace of nodesets/FdiHost.Breaker.NodeSet2.xml. */
export const breakerTypesUri = "urn:fdi-host:types:breaker";

/** Numeric id of the abstract CircuitBreakerType in that namespace. */
export const circuitBreakerTypeId = 1001;

/** What a declaration of CircuitBreakerType asks of a parameter of the same name. */
type Shape = "multi-state" | "two-state" | "text" | "boolean" | "number" | "analog";

interface MemberRule<T> {
  readonly isMandatory: boolean;
  readonly shape: T;
}

/** The ParameterSet that CircuitBreakerType declares; the contract test compares it with the file. */
export const breakerParameters: ReadonlyMap<string, MemberRule<Shape>> = new Map([
  ["Position", { isMandatory: true, shape: "multi-state" }],
  ["TripState", { isMandatory: false, shape: "two-state" }],
  ["TripReason", { isMandatory: false, shape: "text" }],
  ["TripCount", { isMandatory: false, shape: "number" }],
  ["OperationCount", { isMandatory: false, shape: "number" }],
  ["LocalControl", { isMandatory: false, shape: "boolean" }],
  ["RemoteControlEnabled", { isMandatory: false, shape: "boolean" }],
  ["RatedCurrent", { isMandatory: false, shape: "analog" }],
  ["CurrentPhaseA", { isMandatory: false, shape: "analog" }],
  ["CurrentPhaseB", { isMandatory: false, shape: "analog" }],
  ["CurrentPhaseC", { isMandatory: false, shape: "analog" }],
  ["CurrentNeutral", { isMandatory: false, shape: "analog" }],
  ["ThermalCapacityUsed", { isMandatory: false, shape: "analog" }],
  ["ContactWear", { isMandatory: false, shape: "analog" }],
] as const);

/** The MethodSet that CircuitBreakerType declares: names of the String arguments of each method. */
export const breakerMethods: ReadonlyMap<string, MemberRule<readonly string[]>> = new Map([
  ["Trip", { isMandatory: true, shape: ["Reason"] }],
  ["Close", { isMandatory: false, shape: ["Reason"] }],
  ["Reset", { isMandatory: false, shape: ["ResetType"] }],
  ["SelfTest", { isMandatory: false, shape: [] }],
]);

/**
 * The names of parameters and commands of a package that override a declaration of CircuitBreakerType and therefore carry
 * its BrowseName (OPC 10000-3, 6.3.3.3). Undefined when the package is no circuit breaker, or lacks a mandatory member:
 * its type then derives from DI DeviceType. A member whose type or arguments differ stays the package's own.
 */
export function breakerMembersOf(
  pkg: Pick<DevicePackage, "identity" | "parameterByName" | "commandByName">,
): ReadonlySet<string> | undefined {
  if (pkg.identity.deviceClass !== "CircuitBreaker") return undefined;
  const members = new Set<string>();
  for (const [name, rule] of breakerParameters) {
    const spec = pkg.parameterByName.get(name);
    if (spec !== undefined && hasShape(spec, rule.shape)) members.add(name);
    else if (rule.isMandatory) return undefined;
  }
  for (const [name, rule] of breakerMethods) {
    const spec = pkg.commandByName.get(name);
    if (spec !== undefined && hasArguments(spec, rule.shape)) members.add(name);
    else if (rule.isMandatory) return undefined;
  }
  return members;
}

const signedIntegers: ReadonlySet<string> = new Set(["int8", "int16", "int32", "int64"]);
const otherNumbers: ReadonlySet<string> = new Set(["uint8", "uint16", "uint32", "uint64", "float", "double"]);

function hasShape(spec: ParameterSpec, shape: Shape): boolean {
  const isNumber = signedIntegers.has(spec.dataType) || otherNumbers.has(spec.dataType);
  switch (shape) {
    case "multi-state":
      return spec.enumeration.length > 0 && signedIntegers.has(spec.dataType);
    case "two-state":
      return spec.dataType === "boolean" && spec.states !== undefined;
    case "text":
      return spec.dataType === "string";
    case "boolean":
      return spec.dataType === "boolean";
    case "number":
      return isNumber;
    case "analog":
      return isNumber && spec.unit !== undefined && spec.enumeration.length === 0;
  }
}

function hasArguments(spec: CommandSpec, names: readonly string[]): boolean {
  const { inputs } = spec;
  return (
    inputs.length === names.length &&
    inputs.every(({ name, dataType }, i) => name === names[i] && dataType === "string")
  );
}
