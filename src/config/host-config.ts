import { hostname } from "node:os";
import { resolve } from "node:path";
import type { LogLevel } from "#lib/logger.ts";
import type { PackageRole } from "#model/command-spec.ts";
import type { Protocol } from "#model/protocol.ts";
import type { ConfigFile } from "./schema.ts";
import { type SecurityLevel, type SecurityRules, securityLevels, securityRules } from "./security-level.ts";

export interface UserConfig {
  readonly name: string;
  readonly role: PackageRole;
  readonly passwordFile: string;
}

/** As whom the host connects to a broker, and whom it trusts there. */
export interface BrokerLogin {
  readonly username: string | undefined;
  readonly passwordFile: string | undefined;
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
}

type SparkplugFile = NonNullable<ConfigFile["sparkplug"]>;

/** Sparkplug as configured; what is undefined has the transport's own default. */
export interface SparkplugConfig extends Omit<SparkplugFile, "hostId" | "groups" | "brokers"> {
  readonly hostId: string;
  readonly groups: readonly string[];
  /** Brokers besides that of `mqtt`. */
  readonly brokers: readonly (BrokerLogin & { readonly url: string })[];
}

/** What becomes of new devices, and how many of what they bring is taken. */
export interface OnboardingConfig {
  readonly mode: "auto" | "matching" | "manual";
  readonly limits: {
    readonly devices: number;
    readonly pending: number;
    readonly pointsPerDevice: number;
    readonly points: number;
  };
}

export interface OwnershipConfig {
  readonly devices: string;
  readonly owner: Protocol | undefined;
  readonly mirrorTo: readonly Protocol[];
}

export interface WebhookConfig {
  readonly url: string;
  readonly secretFile: string | undefined;
  /** 1 to 1000. */
  readonly minSeverity: number;
}

/** The configuration as the host uses it: every value decided, every path absolute. */
export interface HostConfig {
  readonly dataFolder: string;
  readonly demo: { readonly devices: number } | undefined;
  readonly security: SecurityRules;
  readonly opcua: {
    readonly port: number;
    readonly host: string | undefined;
    readonly applicationUri: string;
    readonly users: readonly UserConfig[];
    /** Also offers SecurityPolicy None and anonymous (read only) sessions: in the demo, on loopback, and where switched on. */
    readonly allowInsecure: boolean;
    /** The same was switched on by hand, for whoever can reach the port. */
    readonly isInsecure: boolean;
  };
  readonly http: {
    readonly port: number;
    readonly host: string;
    /** Both or neither: without them HTTP is not encrypted. */
    readonly certFile: string | undefined;
    readonly keyFile: string | undefined;
    readonly corsOrigins: readonly string[];
    readonly trustProxy: boolean;
    readonly requestsPerMinute: number;
  };
  readonly mqtt: BrokerLogin & {
    /** Undefined: the embedded broker. */
    readonly url: string | undefined;
    readonly port: number;
    readonly host: string;
  };
  readonly sparkplug: SparkplugConfig;
  /** `deviceRegistry`: a file with device types. */
  readonly json: { readonly deviceRegistry: string | undefined };
  /** Devices that may be reached over two protocols; the first rule that fits a name counts. */
  readonly ownership: readonly OwnershipConfig[];
  /** How long silence lasts until a device counts as gone. */
  readonly presence: { readonly offlineAfterMs: number; readonly retiredAfterMs: number };
  readonly onboarding: OnboardingConfig;
  /** Undefined: the embedded store. */
  readonly databaseUrl: string | undefined;
  readonly databaseUrlFile: string | undefined;
  readonly history: HistoryConfig;
  readonly packageFolders: readonly string[];
  readonly alarms: {
    readonly ruleFiles: readonly string[];
    /** MQTT topic; undefined: alarms are not published. */
    readonly topic: string | undefined;
    readonly webhooks: readonly WebhookConfig[];
  };
  readonly log: { readonly level: LogLevel; readonly format: "text" | "json" };
}

/** How long history is kept, in ms (undefined: for ever), and how large the journal before it may become. */
export interface HistoryConfig {
  readonly keep: {
    readonly rawMs: number | undefined;
    readonly minutesMs: number | undefined;
    readonly hoursMs: number | undefined;
    readonly eventsMs: number | undefined;
  };
  readonly journal: {
    readonly maxBytes: number;
    readonly minFreeBytes: number;
    readonly whenFull: "block" | "drop-oldest";
  };
}

/** What the command line adds to the file. */
export interface StartOptions {
  /** False for `--no-demo`; undefined leaves the choice to the file. */
  readonly demo: boolean | undefined;
  /** `--insecure`: unsecured and anonymous OPC UA connections may look. */
  readonly insecure?: boolean;
  /** Folder that relative paths of the file start from. */
  readonly folder: string;
  readonly hasFile: boolean;
}

const loopback = "127.0.0.1";

const dayMs = 86_400_000;
const mib = 1024 * 1024;

function historyOf(file: ConfigFile["history"]): HistoryConfig {
  const msOf = (days: number | undefined): number | undefined => (days === undefined ? undefined : days * dayMs);
  return {
    keep: {
      rawMs: msOf(file?.keepValuesDays),
      minutesMs: msOf(file?.keepMinutesDays),
      hoursMs: msOf(file?.keepHoursDays),
      eventsMs: msOf(file?.keepEventsDays),
    },
    journal: {
      maxBytes: (file?.journalMaxMiB ?? 4096) * mib,
      minFreeBytes: (file?.journalMinFreeMiB ?? 256) * mib,
      whenFull: file?.journalWhenFull ?? "block",
    },
  };
}

/** Fills in defaults: a configuration without a file is the demo on loopback; with a file nothing insecure is on. */
export function decideConfig(file: ConfigFile, env: NodeJS.ProcessEnv, start: StartOptions): HostConfig {
  const path = (text: string): string => resolve(start.folder, text);
  const optionalPath = (text: string | undefined): string | undefined => (text === undefined ? undefined : path(text));
  const demoEnabled = start.demo ?? file.demo?.enabled ?? !start.hasFile;
  const format = file.log?.format ?? "text";
  const security = securityRules(levelNamed(file.security?.level));
  return {
    dataFolder: path(env["FDI_HOST_DATA"] ?? file.data ?? "data"),
    demo: demoEnabled ? { devices: file.demo?.devices ?? 12 } : undefined,
    security,
    opcua: {
      port: portOf(env["FDI_HOST_OPCUA_PORT"]) ?? file.opcua?.port ?? 4840,
      host: demoEnabled ? loopback : file.opcua?.host,
      applicationUri: file.opcua?.applicationUri ?? `urn:${hostname()}:fdi-host`,
      users: (file.opcua?.users ?? []).map((user) => ({ ...user, passwordFile: path(user.passwordFile) })),
      allowInsecure: (demoEnabled && security.mayBeInsecure) || start.insecure === true,
      isInsecure: start.insecure === true,
    },
    http: {
      port: portOf(env["FDI_HOST_HTTP_PORT"]) ?? file.http?.port ?? 8080,
      host: demoEnabled ? loopback : (file.http?.host ?? loopback),
      certFile: optionalPath(file.http?.certFile),
      keyFile: optionalPath(file.http?.keyFile),
      corsOrigins: file.http?.corsOrigins ?? [],
      trustProxy: file.http?.trustProxy ?? false,
      requestsPerMinute: file.http?.requestsPerMinute ?? 3_000,
    },
    mqtt: {
      url: env["FDI_HOST_MQTT_URL"] ?? file.mqtt?.url,
      port: portOf(env["FDI_HOST_MQTT_PORT"]) ?? file.mqtt?.port ?? 1883,
      host: demoEnabled ? loopback : (file.mqtt?.host ?? loopback),
      ...loginOf(file.mqtt, optionalPath),
    },
    sparkplug: {
      ...file.sparkplug,
      hostId: file.sparkplug?.hostId ?? "fdi-host",
      groups: file.sparkplug?.groups ?? ["+"],
      brokers: (file.sparkplug?.brokers ?? []).map(({ url, ...login }) => ({ url, ...loginOf(login, optionalPath) })),
    },
    json: { deviceRegistry: optionalPath(file.json?.deviceRegistry) },
    ownership: (file.ownership ?? []).map(({ devices, owner, mirrorTo = [] }) => ({ devices, owner, mirrorTo })),
    presence: {
      offlineAfterMs: (file.presence?.offlineAfterMinutes ?? 15) * 60_000,
      retiredAfterMs: (file.presence?.retiredAfterDays ?? 30) * 86_400_000,
    },
    onboarding: {
      mode: file.onboarding?.policy ?? (demoEnabled ? "auto" : "matching"),
      limits: {
        devices: file.onboarding?.maxDevices ?? 20_000,
        pending: file.onboarding?.maxPending ?? 500,
        pointsPerDevice: file.onboarding?.maxPointsPerDevice ?? 200,
        points: file.onboarding?.maxPoints ?? 100_000,
      },
    },
    databaseUrl: env["FDI_HOST_DATABASE_URL"],
    databaseUrlFile: optionalPath(file.database?.urlFile),
    history: historyOf(file.history),
    packageFolders: (file.packages ?? []).map(path),
    alarms: {
      ruleFiles: (file.alarms?.rules ?? []).map(path),
      topic: file.alarms?.publish?.enabled === false ? undefined : (file.alarms?.publish?.topic ?? "iot.alarms"),
      webhooks: (file.alarms?.webhooks ?? []).map(({ url, secretFile, minSeverity = 1 }) => ({
        url,
        secretFile: optionalPath(secretFile),
        minSeverity,
      })),
    },
    log: { level: levelOf(file.log?.level) ?? (format === "json" ? "info" : "warn"), format },
  };
}

function loginOf(
  login: Partial<BrokerLogin> | undefined,
  pathOf: (text: string | undefined) => string | undefined,
): BrokerLogin {
  return {
    username: login?.username,
    passwordFile: pathOf(login?.passwordFile),
    caFile: pathOf(login?.caFile),
    certFile: pathOf(login?.certFile),
    keyFile: pathOf(login?.keyFile),
  };
}

function levelNamed(text: string | undefined): SecurityLevel {
  return securityLevels.find((level) => level === text) ?? "standard";
}

function portOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function levelOf(text: string | undefined): LogLevel | undefined {
  switch (text) {
    case "trace":
    case "debug":
    case "info":
    case "warn":
    case "error":
    case "silent":
      return text;
    default:
      return undefined;
  }
}
