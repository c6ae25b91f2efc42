import { frames } from "#simulator/breaker/frame.ts";
import { refusalOf, type Settings } from "#simulator/breaker/settings.ts";
import type { DeviceAction } from "#simulator/fleet/device-action.ts";
import { durationMs } from "#simulator/fleet/duration.ts";
import { ActionProblem } from "#simulator/fleet/members.ts";
import { parseAction } from "#simulator/fleet/parse-action.ts";
import type { DevicePlan } from "#simulator/fleet/plan.ts";
import type { ScenarioEvent } from "./scenario.ts";
import type { Located, LocatedMap, YamlReader } from "./yaml-reader.ts";

type Plans = ReadonlyMap<string, DevicePlan>;

/** The events of a scenario in time order; impossible ones become problems with their lines. */
export function readEvents(reader: YamlReader, located: Located, plans: Plans, endMs: number): ScenarioEvent[] {
  const events = reader
    .items(located, "events")
    .flatMap((item) => readEvent(reader, item, plans, endMs) ?? [])
    .sort((a, b) => a.atMs - b.atMs);
  checkPossible(reader, events, plans);
  return events;
}

function readEvent(reader: YamlReader, item: Located, plans: Plans, endMs: number): ScenarioEvent | undefined {
  const members = reader.members(item, "event");
  const at = members.get("at");
  const atMs = at === undefined ? undefined : durationMs(at.value);
  if (atMs === undefined) {
    reader.problem(at?.line ?? item.line, 'event: "at" must be a time since the start, such as 10 or "2 min"');
    return undefined;
  }
  if (atMs >= endMs) reader.problem(at?.line ?? item.line, `event: at ${atMs / 1000} s the scenario is over`);
  const deviceIds = readTarget(reader, members.get("device"), item.line, plans);
  const action = readAction(reader, item, members);
  return action === undefined ? undefined : { atMs, deviceIds, action, line: item.line };
}

/** A device, a panel, or all. */
function readTarget(reader: YamlReader, target: Located | undefined, line: number, plans: Plans): readonly string[] {
  const name = target?.value;
  if (name === "all") return [...plans.keys()];
  const found = [...plans.values()].filter(({ id, panel }) => id === name || panel === name).map(({ id }) => id);
  if (found.length === 0)
    reader.problem(target?.line ?? line, `event: device ${JSON.stringify(name)} is not in this fleet`);
  return found;
}

function readAction(reader: YamlReader, item: Located, members: LocatedMap): DeviceAction | undefined {
  const fields = new Map([...members].map(([name, member]) => [name, reader.plain(member)]));
  fields.delete("at");
  fields.delete("device");
  try {
    return parseAction(fields);
  } catch (error) {
    if (!(error instanceof ActionProblem)) throw error;
    const member = members.get(error.key.split(".")[0] ?? "");
    reader.problem(member?.line ?? item.line, error.message);
    return undefined;
  }
}

/** Follows settings and faults of each device through time. */
function checkPossible(reader: YamlReader, events: readonly ScenarioEvent[], plans: Plans): void {
  for (const plan of plans.values()) {
    const frame = frames[plan.frame];
    const settings: Settings = { ...frame.standard, ...plan.settings };
    let faultEndMs = 0;
    for (const { action, atMs, line, deviceIds } of events) {
      if (!deviceIds.includes(plan.id)) continue;
      if (action.kind === "settings") checkSettings(reader, action, { plan, settings, line });
      if (action.kind === "no-fault") faultEndMs = atMs;
      if (action.kind !== "fault") continue;
      const obstacle = faultObstacle(action, plan);
      if (obstacle !== undefined) reader.problem(line, obstacle);
      if (atMs < faultEndMs) {
        reader.problem(
          line,
          `${plan.id} still has a fault until ${faultEndMs / 1000} s: end it first with fault: none`,
        );
      }
      faultEndMs = atMs + action.durationMs;
    }
  }
}

function faultObstacle(action: Extract<DeviceAction, { kind: "fault" }>, plan: DevicePlan): string | undefined {
  const { kind, amps = 0 } = action.fault;
  const { breakingKa, arcDetection, name } = frames[plan.frame];
  if (amps > breakingKa * 1000) return `${plan.id}: ${amps} A is above the breaking capacity of ${breakingKa} kA`;
  if (kind === "series-arc" && arcDetection !== "afdd") return `${plan.id}: a ${name} has no series arc detection`;
  if (kind === "arc" && arcDetection === "afdd")
    return `${plan.id}: a ${name} has no arc light sensor (use series-arc)`;
  return undefined;
}

function checkSettings(
  reader: YamlReader,
  action: Extract<DeviceAction, { kind: "settings" }>,
  { plan, settings, line }: { plan: DevicePlan; settings: Settings; line: number },
): void {
  for (const [name, value] of action.values) {
    const refusal = refusalOf(frames[plan.frame].specs, settings, name, value);
    if (refusal !== undefined) reader.problem(line, `${plan.id}: ${refusal}`);
    settings[name] = value;
  }
}
