import { parseArgs } from "node:util";
import { isProtocolMix, type ProtocolMix, protocolMixes } from "#simulator/fleet/plan.ts";

/** What the command line asks for. */
export interface RunOptions {
  readonly devices: number;
  readonly first: number;
  readonly protocol: ProtocolMix;
  readonly messagesPerS: number | undefined;
  readonly brokerUrl: string;
  readonly group: string;
  readonly periodMs: number;
  readonly deadband: number;
  readonly seed: string;
  /** Simulated seconds per second; undefined = what the scenario says, else 1. */
  readonly acceleration: number | undefined;
  readonly startEpochMs: number | undefined;
  /** File of a scenario to play. */
  readonly scenario: string | undefined;
  /** A trip, an alarm and a reclosure within two minutes, without anybody doing anything. */
  readonly isDemoEvent: boolean;
  /** File for the ground truth of degradations, JSON lines. */
  readonly truthFile: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** A command line that makes no sense; the message says which option and what was expected. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

type Environment = Readonly<Record<string, string | undefined>>;

const definitions = {
  devices: { type: "string", default: "12" },
  first: { type: "string", default: "1" },
  protocol: { type: "string", default: "sparkplug" },
  broker: { type: "string", default: "mqtt://127.0.0.1:1883" },
  group: { type: "string", default: "Demo" },
  period: { type: "string", default: "1000" },
  rate: { type: "string" },
  deadband: { type: "string", default: "0" },
  seed: { type: "string", default: "1" },
  acceleration: { type: "string" },
  start: { type: "string" },
  scenario: { type: "string" },
  "demo-event": { type: "boolean", default: false },
  truth: { type: "string" },
  username: { type: "string" },
  "password-env": { type: "string" },
} as const;

/** Options of a run. Throws UsageError. */
export function parseRunOptions(args: readonly string[], environment: Environment): RunOptions {
  const values = parsed(args);
  if (!isProtocolMix(values.protocol)) {
    throw new UsageError(`--protocol ${values.protocol}: expected ${protocolMixes.join(", ")}`);
  }
  return {
    devices: whole("--devices", values.devices, 1, 9_999),
    first: whole("--first", values.first, 1, 9_999),
    protocol: values.protocol,
    messagesPerS: values.rate === undefined ? undefined : whole("--rate", values.rate, 1, 1_000_000),
    brokerUrl: brokerUrl(values.broker),
    group: topicPart("--group", values.group),
    periodMs: whole("--period", values.period, 1, 3_600_000),
    deadband: number("--deadband", values.deadband, 0, 50) / 100,
    seed: values.seed,
    acceleration:
      values.acceleration === undefined ? undefined : number("--acceleration", values.acceleration, 0.01, 1_000_000),
    startEpochMs: values.start === undefined ? undefined : instant("--start", values.start),
    scenario: values.scenario,
    isDemoEvent: values["demo-event"],
    truthFile: values.truth,
    username: values.username,
    password: password(values["password-env"], environment),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: definitions }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

export function whole(option: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= low && value <= high) return value;
  throw new UsageError(`${option} ${text}: expected a whole number from ${low} to ${high}`);
}

export function number(option: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= low && value <= high) return value;
  throw new UsageError(`${option} ${text}: expected a number from ${low} to ${high}`);
}

export function brokerUrl(text: string): string {
  if (/^(?:mqtts?|wss?):\/\/[^/]/.test(text)) return text;
  throw new UsageError(`--broker ${text}: expected an address such as mqtt://127.0.0.1:1883`);
}

function instant(option: string, text: string): number {
  const epochMs = Date.parse(text);
  if (!Number.isNaN(epochMs)) return epochMs;
  throw new UsageError(`${option} ${text}: expected a date and time such as 2026-01-01T00:00:00Z`);
}

function topicPart(option: string, text: string): string {
  if (text !== "" && !/[+#/]/.test(text)) return text;
  throw new UsageError(`${option} ${text}: must not be empty or contain + # /`);
}

export function password(variable: string | undefined, environment: Environment): string | undefined {
  if (variable === undefined) return undefined;
  const value = environment[variable];
  if (value === undefined) throw new UsageError(`--password-env ${variable}: the variable is not set`);
  return value;
}
