/** One conformance unit (OPC 10000-7) and what the host makes of it. */
export interface ConformanceUnit {
  readonly name: string;
  /** True: the facet demands it. */
  readonly isMandatory: boolean;
  /** Why it is not met; absent when a test file of the unit's name shows that it is. */
  readonly open?: string;
}

/** A facet and its units, named as its specification names them. */
export interface Facet {
  readonly name: string;
  readonly source: string;
  readonly units: readonly ConformanceUnit[];
}

const mandatory = (name: string, open?: string): ConformanceUnit => unit(name, true, open);
const optional = (name: string, open?: string): ConformanceUnit => unit(name, false, open);

function unit(name: string, isMandatory: boolean, open: string | undefined): ConformanceUnit {
  return open === undefined ? { name, isMandatory } : { name, isMandatory, open };
}

const updateLater = "firmware is not updated through the host";

/** Every unit that the host aims at, in the order of the matrix in docs/conformance.md. */
export const facets: readonly Facet[] = [
  {
    name: "DI BaseDevice Server Facet",
    source: "OPC 10000-100",
    units: [
      mandatory("DI Information Model"),
      mandatory("DI DeviceSet"),
      optional("DI DeviceType"),
      optional("DI Nameplate"),
      optional("DI TagNameplate"),
      optional("DI OperationCounter Interface", "operating hours are plain parameters"),
      optional("DI DeviceHealth"),
      optional("DI DeviceHealthProperty"),
      optional("DI HealthDiagnosticsAlarm"),
      optional("DI DeviceSupportInfo", "documents of packages are not shown yet"),
      optional("DI Documents as Files", "documents of packages are not shown yet"),
    ],
  },
  {
    name: "DI DeviceIdentification Server Facet",
    source: "OPC 10000-100",
    units: [mandatory("DI Identification"), optional("DI Protocol")],
  },
  {
    name: "DI DeviceCommunication Server Facet",
    source: "OPC 10000-100",
    units: [
      mandatory("DI Network"),
      mandatory("DI ConnectionPoint"),
      mandatory("DI NetworkSet"),
      mandatory("DI ConnectsTo"),
    ],
  },
  {
    name: "DI DeviceIntegrationHost Server Facet",
    source: "OPC 10000-100",
    units: [
      mandatory("DI DeviceTopology"),
      mandatory("DI Offline", "live values are shown directly below the device; there is no offline twin"),
    ],
  },
  {
    name: "DI Locking Server Facet",
    source: "OPC 10000-100",
    units: [mandatory("DI Locking"), optional("DI BreakLocking")],
  },
  {
    name: "DI Software Update",
    source: "OPC 10000-100",
    units: [
      mandatory("DI SU Software Update", updateLater),
      optional("DI SU DirectLoading", updateLater),
      optional("DI SU CachedLoading", updateLater),
    ],
  },
  {
    name: "Core Server Facet",
    source: "OPC 10000-7",
    units: [
      mandatory("Address Space Base"),
      mandatory("Base Info Core Structure 2"),
      mandatory("Base Info Server Capabilities"),
      mandatory("Discovery Find Servers Self"),
      mandatory("Discovery Get Endpoints"),
      mandatory("Session Base"),
      mandatory("Session General Service Behaviour"),
      mandatory("View Basic"),
      mandatory("View TranslateBrowsePath"),
      mandatory("View RegisterNodes"),
      mandatory("View Minimum Continuation Point 05"),
      mandatory("Attribute Read"),
      mandatory("Attribute Write Values"),
      optional("Attribute Write Index", "no parameter is an array"),
      mandatory("Security Basic 256Sha256"),
      mandatory("Security Certificate Validation"),
      mandatory("Security User Name Password"),
      optional("Security User Anonymous"),
      optional("Security User X509"),
      optional("Security Role Server Base 2"),
      optional("User Management Server"),
    ],
  },
  {
    name: "Standard UA Server",
    source: "OPC 10000-7",
    units: [
      mandatory("Session Minimum 50 Parallel"),
      mandatory("Session Cancel", "node-opcua does not support the Cancel service"),
      optional("Session Change User"),
      mandatory("Subscription Basic"),
      mandatory("Subscription Minimum 05"),
      mandatory("Subscription Publish Min 10"),
      mandatory("Subscription Publish Discard Policy"),
      mandatory("Monitor Basic"),
      mandatory("Monitor Value Change"),
      mandatory("Monitor Items 500"),
      mandatory("Monitor QueueSize_1"),
      mandatory("Monitor MinQueueSize_05"),
      mandatory("Monitor Items Deadband Filter"),
      mandatory("Monitor Triggering"),
      mandatory("Base Info Diagnostics"),
      optional("Discovery Register", "the host does not register itself at a discovery server"),
    ],
  },
  {
    name: "Base Server Behaviour Facet",
    source: "OPC 10000-7, 6.6.6",
    units: [
      mandatory("Protocol Configuration"),
      mandatory("Security Administration"),
      mandatory("Security Certificate Administration"),
      mandatory("Discovery Configuration", "the host does not register itself at a discovery server"),
      optional("Security Administration - XML Schema", "the configuration is a YAML file"),
    ],
  },
  {
    name: "Method Server Facet",
    source: "OPC 10000-7",
    units: [mandatory("Method Call"), mandatory("Address Space Method")],
  },
  {
    name: "Data Access Server Facet",
    source: "OPC 10000-8",
    units: [
      mandatory("Data Access DataItems"),
      optional("Data Access AnalogUnitRangeType"),
      optional("Data Access TwoState"),
      optional("Data Access MultiStateValueDiscrete"),
      optional("Data Access PercentDeadBand"),
      optional("Data Access Semantic Changes", "units and ranges of a package revision never change"),
    ],
  },
  {
    name: "Historical Raw Data Server Facet",
    source: "OPC 10000-7, 6.6.48",
    units: [
      mandatory("Historical Access Read Raw"),
      mandatory("Historical Access Data Max Nodes Read Continuation Point"),
      optional("Historical Access ServerTimestamp"),
      optional("Historical Access Time Instance"),
      optional("Historical Access Aggregates"),
      optional("Historical Access Modified Values"),
      optional("Historical Access Insert Value"),
      optional("Historical Access Replace Value"),
      optional("Historical Access Update Value"),
      optional("Historical Access Delete Value"),
      optional("Historical Access Annotations"),
      optional("Historical Access Events"),
    ],
  },
  {
    name: "Base Eventing and Auditing",
    source: "OPC 10000-7",
    units: [
      mandatory("Monitor Events"),
      mandatory("Base Info Model Change General"),
      optional("Auditing Base"),
      optional("Auditing Write"),
      optional("Auditing Method"),
    ],
  },
  {
    name: "Alarms and Conditions",
    source: "OPC 10000-9",
    units: [
      mandatory("A & C Basic"),
      mandatory("A & C Enable"),
      mandatory("A & C Refresh"),
      mandatory("A & C Refresh2"),
      mandatory("A & C Alarm"),
      mandatory("A & C Acknowledge"),
      mandatory("A & C Confirm"),
      mandatory("A & C Comment"),
      mandatory("A & C OffNormal"),
      mandatory("A & C Trip"),
      mandatory("A & C Shelving"),
      mandatory("A & C Suppression by Operator"),
      mandatory("A & C First in Group Alarm"),
      mandatory("A & C Alarm Metrics"),
      optional("A & C ConditionClasses"),
      optional("A & C SystemOffNormal"),
      optional("A & C Discrepancy"),
      optional("A & C Non-Exclusive Level"),
      optional("A & C Out Of Service"),
      optional("A & C On-Off Delay"),
      optional("A & C Latching"),
      optional("A & C Instances", "alarms are events without nodes: decision 0017"),
      optional("A & C Branch", "an alarm has one branch: decision 0017"),
      optional("A & C Silencing", "the host makes no sound"),
    ],
  },
];

/** The file that shows a unit: its name in lower case with dashes. */
export function testFileOf(name: string): string {
  const words = name
    .toLowerCase()
    .replaceAll("&", "and")
    .replaceAll(/[^a-z0-9]+/g, "-");
  return `${words}.test.ts`;
}
