import type { WarningName } from "#fleet/warning-board.ts";
import type { AlarmSpec, Ne107Class } from "#model/alarm-spec.ts";

type Draft = Partial<AlarmSpec> & Pick<AlarmSpec, "name" | "displayName" | "severity" | "message" | "remedy">;

function spec(draft: Draft): AlarmSpec {
  return {
    description: "",
    type: "system",
    conditionClass: "system",
    when: { text: "" },
    onDelayMs: 0,
    offDelayMs: 0,
    latched: false,
    category: "Host",
    actions: [],
    ...draft,
  };
}

function healthSpec(ne107: Ne107Class, draft: Draft): AlarmSpec {
  const about = "Says that the device, or one of its alarms, is in this class of NAMUR NE 107.";
  return spec({ description: about, category: "Health", type: "off-normal", ne107, autoAcknowledge: true, ...draft });
}

/**
 * The four health alarms of DI (OPC 10000-100, 4.5.4), gravest first. They summarise other alarms, so that nobody has to
 * acknowledge them.
 */
export const healthSpecs: Readonly<Record<Ne107Class, AlarmSpec>> = {
  F: healthSpec("F", {
    name: "FailureAlarm",
    displayName: "Failure",
    severity: 900,
    conditionClass: "maintenance",
    message: "The device has failed, or cannot be relied on.",
    remedy: "Look at the alarms of the device; repair or replace it.",
  }),
  C: healthSpec("C", {
    name: "CheckFunctionAlarm",
    displayName: "Check function",
    severity: 300,
    conditionClass: "maintenance",
    message: "The device is being worked on: its values and its protection may not be valid.",
    remedy: "None; ends with the work.",
  }),
  S: healthSpec("S", {
    name: "OffSpecAlarm",
    displayName: "Out of specification",
    severity: 600,
    conditionClass: "maintenance",
    message: "The device works outside of what it was made for.",
    remedy: "Bring load and surroundings back within its ratings.",
  }),
  M: healthSpec("M", {
    name: "MaintenanceRequiredAlarm",
    displayName: "Maintenance required",
    severity: 400,
    conditionClass: "maintenance",
    message: "The device works, and will need maintenance soon.",
    remedy: "Plan the maintenance.",
  }),
};

/** What the host itself finds out about a device. */
export const deviceSpecs = {
  communicationLost: spec({
    name: "CommunicationLost",
    displayName: "Communication lost",
    severity: 500,
    ne107: "F",
    category: "Communication",
    onDelayMs: 5_000,
    message: "Nothing has been heard of the device.",
    remedy: "Check its supply and its network.",
  }),
  configurationDiffers: spec({
    name: "ConfigurationDiffers",
    displayName: "Configuration differs",
    severity: 300,
    ne107: "C",
    category: "Configuration",
    message: "Settings were changed without the host.",
    remedy: "Accept the settings, or write those that shall be.",
  }),
  chatter: spec({
    name: "AlarmChatter",
    displayName: "Alarm chatter",
    severity: 300,
    category: "Alarms",
    autoAcknowledge: true,
    message: "An alarm comes and goes all the time; it is held active until it has been quiet for a minute.",
    remedy: "Find out what toggles; give the alarm a delay or a hysteresis.",
  }),
} satisfies Readonly<Record<string, AlarmSpec>>;

/** For types without a trip alarm of their own, once one of their devices reports a trip. */
export const deviceTripSpec = spec({
  name: "DeviceTrip",
  displayName: "Trip",
  type: "trip",
  conditionClass: "process",
  severity: 900,
  category: "Protection",
  latched: true,
  message: "The protection of the device has tripped it.",
  remedy: "Find and remove the cause, then reset and close.",
});

/** Matters of the host itself. */
export const hostSpecs = {
  auditUnavailable: spec({
    name: "AuditUnavailable",
    displayName: "Audit unavailable",
    severity: 900,
    message: "The audit cannot be written.",
    remedy: "Check the disk of the data folder: until then only trips are let through.",
  }),
  brokerUnavailable: spec({
    name: "BrokerUnavailable",
    displayName: "Broker unavailable",
    severity: 900,
    category: "Communication",
    onDelayMs: 10_000,
    message: "The message broker does not answer.",
    remedy: "Check the broker and the network to it.",
  }),
  transportTrouble: spec({
    name: "TransportTrouble",
    displayName: "Transport trouble",
    severity: 700,
    category: "Communication",
    message: "A protocol reports trouble.",
    remedy: "See the text.",
  }),
  storeUnavailable: spec({
    name: "StoreUnavailable",
    displayName: "History store unavailable",
    severity: 700,
    category: "Storage",
    onDelayMs: 10_000,
    message: "The history store does not take values; they wait in the journal.",
    remedy: "Check the database.",
  }),
  journalNearlyFull: spec({
    name: "JournalNearlyFull",
    displayName: "Journal nearly full",
    severity: 700,
    category: "Storage",
    message: "Values wait for the history store.",
    remedy: "Get the history store back, or make room on the disk.",
  }),
  journalFull: spec({
    name: "JournalFull",
    displayName: "Journal full",
    severity: 900,
    category: "Storage",
    message: "Not even the journal takes values.",
    remedy: "Make room on the disk, or get the history store back: until then brokers keep what they have.",
  }),
  valuesLost: spec({
    name: "ValuesLost",
    displayName: "Values lost",
    severity: 800,
    category: "Storage",
    message: "Values or events will never be stored.",
    remedy: "See the text; the log says more.",
  }),
  valuesQuarantined: spec({
    name: "ValuesQuarantined",
    displayName: "Values quarantined",
    severity: 500,
    category: "Storage",
    message: "The history store refuses values; they are kept aside.",
    remedy: "See the quarantine in the journal's folder.",
  }),
  storeDamaged: spec({
    name: "StoreDamaged",
    displayName: "History store damaged",
    severity: 700,
    category: "Storage",
    message: "The history store was unreadable and begun anew, or does not survive a power cut.",
    remedy: "See the text; the old files were kept.",
  }),
  alarmFlood: spec({
    name: "AlarmFlood",
    displayName: "Alarm flood",
    severity: 800,
    category: "Alarms",
    autoAcknowledge: true,
    message: "More alarms come than people can look at.",
    remedy: "Look for the common cause; the first-up alarms came first.",
  }),
  notificationsDelayed: spec({
    name: "NotificationsDelayed",
    displayName: "Notifications delayed",
    severity: 500,
    category: "Communication",
    message: "Notifications of alarms wait because their receiver does not take them.",
    remedy: "Check the receiver; they are sent when it answers again.",
  }),
} satisfies Readonly<Record<string, AlarmSpec>>;

export type HostMatter = keyof typeof hostSpecs;

/** The alarm that each warning of the host becomes; those of devices have one of their own. */
export const matterOfWarning = {
  "audit-unavailable": "auditUnavailable",
  "history-unavailable": "storeUnavailable",
  "history-journal-full": "journalFull",
  "history-lost": "valuesLost",
  "history-refused": "valuesQuarantined",
  "history-damaged": "storeDamaged",
  "configuration-differs": undefined,
} as const satisfies Readonly<Record<WarningName, HostMatter | undefined>>;
