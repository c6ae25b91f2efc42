/** `error`: a clause is broken. `warning`: allowed, but clients will stumble over it. */
export type Severity = "error" | "warning";

/** One thing that is wrong with one node. */
export interface Finding {
  /** Name of the rule, e.g. `mandatory-child`. */
  readonly rule: string;
  /** Where the rule comes from, e.g. `OPC 10000-3, 6.4.4.4.2`. */
  readonly clause: string;
  readonly severity: Severity;
  readonly nodeId: string;
  /** BrowseNames from the Objects (or Types) folder down, with namespace indices. */
  readonly path: string;
  readonly found: string;
  readonly expected: string;
}

export interface DoctorReport {
  readonly endpointUrl: string;
  readonly namespaces: readonly string[];
  /** What was looked at. */
  readonly checked: {
    readonly devices: number;
    readonly nodes: number;
    readonly variables: number;
    readonly methods: number;
    readonly types: number;
  };
  /** Devices of the server that the limit left out. */
  readonly devicesLeftOut: number;
  readonly errors: number;
  readonly warnings: number;
  /** At most `maxFindings`; `errors` and `warnings` count all. */
  readonly findings: readonly Finding[];
  readonly durationMs: number;
}

/** Findings kept in a report; beyond it they are only counted. */
export const maxFindings = 1_000;

/** The report as text for a person. */
export function doctorText(report: DoctorReport): string {
  const { checked, findings } = report;
  const seconds = (report.durationMs / 1000).toFixed(1);
  const head = [
    `${report.endpointUrl}: ${checked.devices} devices, ${checked.nodes} nodes (${checked.variables} variables, ${checked.methods} methods), ${checked.types} types in ${seconds} s`,
    ...(report.devicesLeftOut > 0 ? [`${report.devicesLeftOut} more devices were not looked at`] : []),
  ];
  const body = findings.map(
    (finding) =>
      `${finding.severity.toUpperCase()} ${finding.rule} (${finding.clause})\n  node      ${finding.path}  ${finding.nodeId}\n  found     ${finding.found}\n  expected  ${finding.expected}`,
  );
  const hidden = report.errors + report.warnings - findings.length;
  const tail = [
    ...(hidden > 0 ? [`... and ${hidden} more findings`] : []),
    report.errors + report.warnings === 0 ? "no findings" : `${report.errors} errors, ${report.warnings} warnings`,
  ];
  return `${[...head, ...body, ...tail].join("\n")}\n`;
}

/** The report as one JSON document. */
export function doctorJson(report: DoctorReport): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}
