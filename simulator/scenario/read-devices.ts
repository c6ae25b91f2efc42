import { frameNames, frames, isFrameName } from "#simulator/breaker/frame.ts";
import { isSettingName, refusalOf, type Settings } from "#simulator/breaker/settings.ts";
import { type DevicePlan, type ProtocolMix, planDevices, protocolNames } from "#simulator/fleet/plan.ts";
import type { LoadProfile } from "#simulator/physics/load.ts";
import { Fields } from "./read-fields.ts";
import type { Located, YamlReader } from "./yaml-reader.ts";

const breakerMembers = ["frame", "protocol", "settings", "load"];
const loadMembers = ["level", "motorShare", "motorStartsPerHour", "cosPhi", "thd"];

/** The plan of a scenario's devices with what `breakers` says about single ones. */
export function readDevices(reader: YamlReader, count: number, mix: ProtocolMix, breakers: Located | undefined) {
  const plans = new Map(planDevices(count, 1, mix).map((plan) => [plan.id, plan]));
  if (breakers === undefined) return plans;
  for (const [id, located] of reader.members(breakers, "breakers")) {
    const plan = plans.get(id);
    if (plan === undefined) reader.problem(located.line, `breakers: there is no ${id} in this fleet of ${count}`);
    else plans.set(id, readDevice(reader, plan, located));
  }
  return plans;
}

function readDevice(reader: YamlReader, plan: DevicePlan, located: Located): DevicePlan {
  const what = `breakers.${plan.id}`;
  const fields = new Fields(reader, reader.members(located, what, breakerMembers), `${what}.`);
  const frame = fields.word("frame", [...frameNames].filter(isFrameName)) ?? plan.frame;
  const protocol = fields.word("protocol", protocolNames);
  const settings = fields.get("settings");
  return {
    ...plan,
    frame,
    protocols: protocol === undefined ? plan.protocols : [protocol],
    settings: settings === undefined ? {} : readSettings(reader, frames[frame].standard, frame, settings),
    profile: readProfile(reader, what, fields.get("load")),
  };
}

function readSettings(reader: YamlReader, standard: Settings, frame: DevicePlan["frame"], located: Located) {
  const settings: Settings = { ...standard };
  for (const [name, { value, line }] of reader.members(located, "settings")) {
    if (!isSettingName(name)) {
      reader.problem(line, `settings: ${name} is no setting of a breaker`);
    } else if (typeof value !== "number" && typeof value !== "boolean") {
      reader.problem(line, `settings: ${name} must be a number or true or false`);
    } else {
      const refusal = refusalOf(frames[frame].specs, settings, name, Number(value));
      if (refusal !== undefined) reader.problem(line, refusal);
      settings[name] = Number(value);
    }
  }
  return settings;
}

function readProfile(reader: YamlReader, what: string, load: Located | undefined): Partial<LoadProfile> {
  if (load === undefined) return {};
  const fields = new Fields(reader, reader.members(load, `${what}.load`, loadMembers), `${what}.load.`);
  const profile: { -readonly [Key in keyof LoadProfile]?: LoadProfile[Key] } = {};
  const level = fields.number("level", 0, 1.2);
  if (level !== undefined) profile.level = level;
  const motorShare = fields.number("motorShare", 0, 1);
  if (motorShare !== undefined) profile.motorShare = motorShare;
  const motorStartsPerHour = fields.number("motorStartsPerHour", 0, 1_000);
  if (motorStartsPerHour !== undefined) profile.motorStartsPerHour = motorStartsPerHour;
  const cosPhi = fields.number("cosPhi", 0.2, 1);
  if (cosPhi !== undefined) profile.cosPhi = cosPhi;
  const thd = fields.number("thd", 0, 0.5);
  if (thd !== undefined) profile.thd = thd;
  return profile;
}
