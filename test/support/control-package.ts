import type { CommandSpec, PackageRole } from "#model/command-spec.ts";
import { conditionOf } from "#model/compile-condition.ts";
import type { Condition } from "#model/condition.ts";
import { definePackage } from "#model/define-package.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";

type ParameterDraft = Partial<ParameterSpec> & Pick<ParameterSpec, "name" | "dataType">;

const positions = ["Intermediate", "Open", "Closed", "Bad"].map((name, value) => ({ name, value }));
const testResults = ["None", "Running", "Passed", "Failed"].map((name, value) => ({ name, value }));

const setting = { access: "read-write", class: "static", group: "Configuration/CircuitProtection" } as const;

const drafts: readonly ParameterDraft[] = [
  { name: "Position", dataType: "int32", enumeration: positions, trustStale: false, logicalNode: "XCBR1.Pos" },
  { name: "TripState", dataType: "boolean", trustStale: false },
  { name: "SelfTestResult", dataType: "int32", enumeration: testResults },
  { name: "CurrentPhaseA", dataType: "float", range: { low: 0, high: 500 } },
  { name: "RemoteControlEnabled", dataType: "boolean", ...setting, group: "Configuration/RemoteControl" },
  { name: "ThermalPickup", dataType: "float", range: { low: 100, high: 250 }, ...setting },
  { name: "OvercurrentPickup", dataType: "float", range: { low: 150, high: 2500 }, ...setting },
  { name: "InstantaneousPickup", dataType: "float", range: { low: 500, high: 3750 }, ...setting },
  { name: "OvercurrentDelay", dataType: "float", range: { low: 0, high: 400 }, step: 50, ...setting },
  { name: "RecloseShots", dataType: "int32", range: { low: 0, high: 3 }, ...setting },
  { name: "TestReport", dataType: "string" },
  { name: "TestProgress", dataType: "int32" },
  { name: "Secret", dataType: "string", ...setting, access: "write" },
];

function parameter(draft: ParameterDraft, index: number): ParameterSpec {
  return {
    displayName: draft.name,
    description: "",
    access: "read",
    class: "dynamic",
    enumeration: [],
    group: "Operational",
    history: { historize: false, deadband: 0 },
    trustStale: true,
    bindings: { sparkplug: { address: `Breaker/${draft.name}`, scale: 1, offset: 0 } },
    ...draft,
    index,
  };
}

const specs = drafts.map((draft, index) =>
  parameter(draft.name === "RecloseShots" ? { ...draft, validWhen: condition("RemoteControlEnabled") } : draft, index),
);

function condition(text: string): Condition {
  const known = new Map(drafts.map((draft, index) => [draft.name, parameter(draft, index)]));
  const { condition: found, problem } = conditionOf(text, known);
  if (problem !== undefined) throw new Error(problem.message);
  return found;
}

function command(draft: Partial<CommandSpec> & Pick<CommandSpec, "name" | "effect">): CommandSpec {
  return {
    displayName: draft.name,
    description: "",
    role: "operator",
    inputs: [],
    timeoutMs: 2_000,
    idempotent: draft.effect === "trip",
    confirm: { by: "ack" },
    bindings: { sparkplug: { address: `Command/${draft.name}`, value: true } },
    ...draft,
  };
}

const resetRoles: Record<string, PackageRole> = { Alarms: "operator", ThermalMemory: "administrator" };

const commands: readonly CommandSpec[] = [
  command({
    name: "Trip",
    effect: "trip",
    inputs: [{ name: "Reason", description: "", dataType: "string", required: false, choices: [], addresses: {} }],
    confirm: { by: "state", parameter: "Position", equals: 1 },
  }),
  command({
    name: "Close",
    effect: "close",
    timeoutMs: 5_000,
    confirm: { by: "state", parameter: "Position", equals: 2 },
    interlocks: [
      { name: "NotTripped", condition: condition("NOT TripState"), message: "the trip is latched: reset it first" },
      { name: "Remote", condition: condition("RemoteControlEnabled"), message: "remote control is off", addCause: 8 },
    ],
  }),
  command({
    name: "Reset",
    effect: "reset",
    role: "maintenance",
    timeoutMs: 4_000,
    inputs: [
      {
        name: "ResetType",
        description: "",
        dataType: "string",
        required: false,
        defaultValue: "Counters",
        choices: ["Alarms", "Counters", "ThermalMemory"],
        choiceRoles: resetRoles,
        addresses: {},
      },
    ],
    confirm: { by: "state", parameter: "TripState", equals: false },
  }),
  command({
    name: "SelfTest",
    effect: "test",
    role: "maintenance",
    timeoutMs: 10_000,
    confirm: { by: "state", parameter: "SelfTestResult", equals: 2 },
  }),
  command({
    name: "ProtectionTest",
    effect: "test",
    role: "maintenance",
    inputs: [{ name: "Element", description: "", dataType: "string", required: false, choices: [], addresses: {} }],
    interlocks: [{ name: "Open", condition: condition('Position == "Open"'), message: "the breaker is not open" }],
  }),
];

/** A breaker with everything that stands between an operator and the device: interlocks, rules, roles, a template, a test. */
export function controlPackage(change: { readonly selectBeforeClose?: boolean } = {}): DevicePackage {
  const select = { timeoutMs: 30_000 };
  return definePackage({
    id: "test/breaker",
    revision: "1.0.0",
    namespaceUri: "urn:test:breaker",
    typeName: "TestBreaker",
    identity: {
      manufacturer: "Test",
      manufacturerUri: "urn:test",
      model: "T1",
      productCode: "T1",
      description: "",
      deviceClass: "CircuitBreaker",
      deviceRevision: "1",
    },
    detection: { declaredTypes: ["test/breaker"] },
    parameters: specs,
    commands: commands.map((spec) =>
      change.selectBeforeClose === true && spec.name === "Close" ? { ...spec, select } : spec,
    ),
    rules: [
      {
        name: "Selectivity",
        condition: condition("InstantaneousPickup > OvercurrentPickup"),
        message: "Ii must be above Isd",
      },
    ],
    templates: [
      {
        name: "Motor",
        displayName: "Motor",
        description: "",
        // Applied in this order, the second one would break the rule between the two.
        settings: [
          { parameter: "ThermalPickup", value: 200 },
          { parameter: "OvercurrentPickup", value: 2400 },
          { parameter: "InstantaneousPickup", value: 3000 },
        ],
      },
      {
        name: "Broken",
        displayName: "Broken",
        description: "",
        settings: [
          { parameter: "ThermalPickup", value: 210 },
          { parameter: "OvercurrentPickup", value: 3750 },
        ],
      },
    ],
    tests: [
      {
        name: "ProtectionTest",
        displayName: "ProtectionTest",
        description: "",
        category: "",
        command: { name: "ProtectionTest", arguments: {} },
        inputs: [{ name: "Element", description: "", dataType: "string", required: false, choices: [], addresses: {} }],
        steps: [
          { name: "Inject", description: "current is injected", durationMs: 1_000 },
          { name: "Result", description: "", expect: condition('SelfTestResult == "Passed"') },
        ],
        durationMs: 10_000,
        expectedResult: "",
      },
      {
        name: "Diagnosis",
        displayName: "Diagnosis",
        description: "",
        category: "",
        command: { name: "ProtectionTest", arguments: { Element: "Thermal" } },
        inputs: [],
        steps: [],
        report: { parameter: "TestReport", progress: "TestProgress" },
        durationMs: 10_000,
        expectedResult: "",
      },
    ],
  });
}
