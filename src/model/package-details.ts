import type { ArgumentSpec, PackageRole } from "./command-spec.ts";
import type { Condition } from "./condition.ts";
import type { DataType, ParameterValue } from "./data-type.ts";
import type { Protocol } from "./protocol.ts";
import type { Unit } from "./unit.ts";

/** A rule between parameters that every draft of settings must keep, e.g. `InstantaneousPickup > OvercurrentPickup`. */
export interface RuleSpec {
  readonly name: string;
  readonly condition: Condition;
  readonly message: string;
}

export interface TemplateSetting {
  readonly parameter: string;
  readonly value: ParameterValue;
}

/** A named set of settings, written together or not at all. */
export interface TemplateSpec {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly settings: readonly TemplateSetting[];
}

export interface TestStep {
  readonly name: string;
  readonly description: string;
  readonly durationMs?: number;
  /** What must hold after the step. */
  readonly expect?: Condition;
}

/**
 * Parameters by which a device reports on a running test. The report is a JSON text: `running`, `passed`, and `steps`, each
 * with `step`, `passed` and, where something was measured, `expected` (lowest and highest good value), `measured`, `unit`.
 */
export interface TestReportSpec {
  readonly parameter: string;
  /** Percent done. */
  readonly progress?: string;
}

/** A diagnostic test that a device can run. */
export interface DiagnosticTestSpec {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly category: string;
  readonly durationMs?: number;
  /** The command that starts it, with the argument values that select it. */
  readonly command?: { readonly name: string; readonly arguments: Readonly<Record<string, string>> };
  readonly inputs: readonly ArgumentSpec[];
  readonly steps: readonly TestStep[];
  /** Where the device itself reports how the test goes. */
  readonly report?: TestReportSpec;
  /** What a passed test looks like, in words. */
  readonly expectedResult: string;
}

export interface EventField {
  readonly name: string;
  readonly dataType: DataType;
  readonly unit?: Unit;
  readonly description: string;
}

/** Something a device reports once, with its own fields. */
export interface EventSpec {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  /** 1 to 1000 (OPC 10000-5, 6.4.2). */
  readonly severity: number;
  readonly fields: readonly EventField[];
  /** How each protocol names it, e.g. the `event_type` of a JSON message. */
  readonly addresses: Readonly<Partial<Record<Protocol, string>>>;
}

export const documentKinds = ["manual", "data-sheet", "image", "certificate", "other"] as const;
export type DocumentKind = (typeof documentKinds)[number];

export interface DocumentSpec {
  readonly name: string;
  readonly kind: DocumentKind;
  readonly title: string;
  readonly language: string;
  readonly version: string;
  /** E.g. `application/pdf`; empty when not known. */
  readonly mediaType: string;
  /** A path inside the package container, or a URL; empty when the package only mentions the document. */
  readonly href: string;
}

export const permissions = ["read", "write", "control", "administer"] as const;
export type Permission = (typeof permissions)[number];

export interface SecurityLevel {
  readonly name: string;
  readonly description: string;
  readonly features: readonly { readonly name: string; readonly enabled: boolean }[];
}

export interface RoleSpec {
  readonly role: PackageRole;
  readonly permissions: readonly Permission[];
  /** Permissions within a functional group, instead of the general ones. */
  readonly grants: readonly { readonly group: string; readonly permissions: readonly Permission[] }[];
}

/** What a package says about securing a device: hints for endpoint policies, and who may do what. */
export interface SecuritySpec {
  readonly levels: readonly SecurityLevel[];
  /** Name of the level that applies unless configured otherwise; empty when none is named. */
  readonly defaultLevel: string;
  readonly roles: readonly RoleSpec[];
}

/** A setting of whoever hosts the device, e.g. a polling interval; kept as the package writes it. */
export interface HostSetting {
  readonly name: string;
  readonly value: string;
  /** Unit as written. */
  readonly unit: string;
}

/** An element that is kept although nothing here interprets it. */
export interface OpaqueElement {
  readonly name: string;
  readonly namespace: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly text: string;
  readonly children: readonly OpaqueElement[];
}

/** What a package declares for a protocol beyond the bindings of parameters: registers, variables, topics, objects. */
export interface ProtocolTable {
  /** As written, e.g. `OPC UA`, `Modbus`, `HART`, `MQTT`. */
  readonly protocol: string;
  readonly version: string;
  readonly transport: string;
  readonly content: readonly OpaqueElement[];
}
