import { protocolMixes } from "#simulator/fleet/plan.ts";
import { stepFor } from "#simulator/fleet/world.ts";
import { readDevices } from "./read-devices.ts";
import { readEvents } from "./read-events.ts";
import { readExpectations } from "./read-expectations.ts";
import { Fields } from "./read-fields.ts";
import type { Scenario, ScenarioProblem } from "./scenario.ts";
import { YamlReader } from "./yaml-reader.ts";

const members = [
  "name",
  "description",
  "seed",
  "duration",
  "acceleration",
  "step",
  "start",
  "period",
  "devices",
  "protocol",
  "breakers",
  "events",
  "expect",
];

export type ScenarioResult =
  | { readonly scenario: Scenario; readonly problems: readonly [] }
  | { readonly scenario: undefined; readonly problems: readonly ScenarioProblem[] };

/** Reads and checks a scenario; a scenario that cannot be played comes back as its problems, in the order of lines. */
export function readScenario(text: string, nowMs: number): ScenarioResult {
  const reader = new YamlReader(text);
  if (reader.problems.length > 0) return { scenario: undefined, problems: reader.problems };
  const scenario = read(reader, nowMs);
  if (reader.problems.length === 0) return { scenario, problems: [] };
  return { scenario: undefined, problems: reader.problems.sort((a, b) => a.line - b.line) };
}

function read(reader: YamlReader, nowMs: number): Scenario {
  const fields = new Fields(reader, reader.members(reader.root, "scenario", members), "");
  const name = fields.text("name");
  if (name === undefined) reader.problem(1, "name is missing");
  const durationMs = fields.durationMs("duration");
  if (durationMs === undefined && fields.get("duration") === undefined) reader.problem(1, "duration is missing");
  const acceleration = fields.number("acceleration", 0.01, 1_000_000) ?? 1;
  const count = fields.number("devices", 1, 9_999) ?? 1;
  const mix = fields.word("protocol", protocolMixes) ?? "sparkplug";
  const plans = readDevices(reader, count, mix, fields.get("breakers"));
  const events = fields.get("events");
  const expect = fields.get("expect");
  const endMs = durationMs ?? 0;
  return {
    name: name ?? "",
    description: fields.text("description") ?? "",
    seed: fields.text("seed") ?? "1",
    durationMs: endMs,
    acceleration,
    stepMs: fields.durationMs("step") ?? stepFor(acceleration),
    startEpochMs: fields.instant("start", nowMs),
    periodMs: fields.durationMs("period") ?? 1_000,
    devices: [...plans.values()],
    events: events === undefined ? [] : readEvents(reader, events, plans, endMs),
    expectations: expect === undefined ? [] : readExpectations(reader, expect, new Set(plans.keys()), endMs),
  };
}
