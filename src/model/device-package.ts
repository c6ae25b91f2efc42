import type { AlarmSpec } from "./alarm-spec.ts";
import type { CommandSpec } from "./command-spec.ts";
import type {
  DiagnosticTestSpec,
  DocumentSpec,
  EventSpec,
  HostSetting,
  OpaqueElement,
  ProtocolTable,
  RuleSpec,
  SecuritySpec,
  TemplateSpec,
} from "./package-details.ts";
import type { ParameterSpec } from "./parameter-spec.ts";

/** Who made the device type and what it is called: the defaults of every nameplate. */
export interface PackageIdentity {
  readonly manufacturer: string;
  readonly manufacturerUri: string;
  readonly model: string;
  readonly productCode: string;
  readonly description: string;
  /** DI DeviceClass, e.g. `CircuitBreaker`. */
  readonly deviceClass: string;
  readonly deviceRevision: string;
  /** ISO date of the device revision; empty when not known. */
  readonly revisionDate: string;
  readonly softwareRevision: string;
  /** What the device is for, e.g. `PowerDistribution` and `CircuitProtection`. */
  readonly classification: { readonly class: string; readonly category: string };
}

/** How a device says that it is of this type; any rule that holds is enough. */
export interface DetectionRules {
  /** Values of the device's declared type (Sparkplug metric `Device/Type`, JSON `device_type`). */
  readonly declaredTypes: readonly string[];
}

/** One revision of a device type: the single source of its nodes, bindings, commands and checks. */
export interface DevicePackage {
  /** `manufacturer/model` in lower case with dashes: the name of the package across revisions. */
  readonly id: string;
  /** Revision of the package itself, e.g. `2.1.0`. */
  readonly revision: string;
  /** Namespace URI of the types it defines in OPC UA. */
  readonly namespaceUri: string;
  /** Name of the device type, e.g. `LsigMouldedCaseBreaker`. */
  readonly typeName: string;
  readonly identity: PackageIdentity;
  readonly detection: DetectionRules;
  /** In index order: `parameters[i].index === i`. */
  readonly parameters: readonly ParameterSpec[];
  readonly parameterByName: ReadonlyMap<string, ParameterSpec>;
  readonly commands: readonly CommandSpec[];
  readonly commandByName: ReadonlyMap<string, CommandSpec>;
  readonly rules: readonly RuleSpec[];
  readonly templates: readonly TemplateSpec[];
  readonly tests: readonly DiagnosticTestSpec[];
  readonly alarms: readonly AlarmSpec[];
  readonly events: readonly EventSpec[];
  readonly documents: readonly DocumentSpec[];
  readonly security: SecuritySpec;
  readonly hostSettings: readonly HostSetting[];
  readonly protocolTables: readonly ProtocolTable[];
  /** Elements of other namespaces. */
  readonly extensions: readonly OpaqueElement[];
  /**
   * The package as it was installed, when this one is it with points added that single devices have beyond it: the same id,
   * revision and device type, the same parameters at the same indexes, more behind them.
   */
  readonly base?: DevicePackage;
}

/** The package as it was installed. */
export function installedPackage(pkg: DevicePackage): DevicePackage {
  return pkg.base ?? pkg;
}

/** `id@revision`: names one revision of one package. */
export function packageKey(pkg: Pick<DevicePackage, "id" | "revision">): string {
  return `${pkg.id}@${pkg.revision}`;
}
