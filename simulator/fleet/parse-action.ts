import { Cradle } from "#simulator/breaker/breaker.ts";
import type { BreakerCommand } from "#simulator/breaker/control.ts";
import { degradationKinds, isDegradationKind } from "#simulator/breaker/degradation.ts";
import { faultKinds, isFaultKind } from "#simulator/breaker/fault.ts";
import { isSettingName, type SettingName } from "#simulator/breaker/settings.ts";
import type { DeviceAction } from "./device-action.ts";
import { signedDurationMs } from "./duration.ts";
import { ActionProblem, Members } from "./members.ts";

/** Faults stay this long when nobody says how long: any breaker trips within it. */
const standardFaultMs = 30_000;

type Parse = (members: Members) => DeviceAction;

/** Every action by the member that names it. */
const parsers: Readonly<Record<string, Parse>> = {
  fault: parseFault,
  supply: parseSupply,
  motor: (m) => ({
    kind: "motor",
    ratio: m.allow("motor").inner("motor").allow("ratio", "share").optional("ratio", 1, 12),
    share: m.inner("motor").optional("share", 0.01, 1),
  }),
  behaviour: (m) => ({
    kind: "behaviour",
    isSilent: m.allow("behaviour").word("behaviour", ["silent", "normal"]) === "silent",
  }),
  comms: (m) => ({
    kind: "comms",
    isLost: m.allow("comms", "seconds").word("comms", ["lost", "back"]) === "lost",
    durationMs: m.duration("seconds"),
  }),
  network: (m) => {
    m.allow("network", "seconds").word("network", ["down"]);
    return { kind: "network", durationMs: m.duration("seconds") ?? standardFaultMs };
  },
  impair: parseImpairment,
  clock: (m) => {
    const clock = m.allow("clock").inner("clock").allow("skew", "driftPpm");
    const skewMs = signedDurationMs(clock.get("skew") ?? 0);
    if (skewMs === undefined) throw clock.problem("skew", 'is no duration, such as 90 or "-2 min"');
    return { kind: "clock", skewMs, driftPpm: clock.optional("driftPpm", -1e6, 1e6) ?? 0 };
  },
  command: (m) => ({ kind: "command", command: parseCommand(m) }),
  settings: parseSettings,
  cradle: (m) => {
    const word = m.allow("cradle").word("cradle", ["disconnected", "connected", "test"]);
    return { kind: "switches", cradle: Cradle[word] };
  },
  local: (m) => ({ kind: "switches", isLocal: m.allow("local").flag("local") }),
  earthed: (m) => ({ kind: "switches", isEarthed: m.allow("earthed").flag("earthed") }),
  mechanism: (m) => ({
    kind: "mechanism",
    isStuck: m.allow("mechanism").word("mechanism", ["stuck", "free"]) === "stuck",
  }),
  degrade: parseDegradation,
  ambient: (m) => ({ kind: "ambient", temperatureCel: m.allow("ambient").number("ambient", -40, 70) }),
  load: (m) => ({ kind: "load", level: m.allow("load").number("load", 0, 1.2) }),
};

/** The names of all actions, each the member that selects it. */
const actionNames: readonly string[] = Object.keys(parsers);

/** The action that the members describe; throws ActionProblem. */
export function parseAction(fields: ReadonlyMap<string, unknown>): DeviceAction {
  const named = actionNames.filter((name) => fields.has(name));
  const [name] = named;
  if (name === undefined) throw new ActionProblem("action", `expected one of ${actionNames.join(", ")}`);
  if (named.length > 1) throw new ActionProblem(named[1] ?? "", `only one action at a time (${name} is there already)`);
  const parse = parsers[name];
  if (parse === undefined) throw new ActionProblem(name, "is unknown");
  return parse(new Members(fields));
}

function parseFault(members: Members): DeviceAction {
  members.allow("fault", "amps", "metres", "seconds");
  if (members.get("fault") === "none") return { kind: "no-fault" };
  const kind = members.word("fault", [...faultKinds].filter(isFaultKind));
  const amps = members.optional("amps", 0.001, 200_000);
  const metres = members.optional("metres", 0, 10_000);
  const lastsMs = members.duration("seconds") ?? standardFaultMs;
  const fault = { kind, ...(amps === undefined ? {} : { amps }), ...(metres === undefined ? {} : { metres }) };
  return { kind: "fault", fault, durationMs: lastsMs };
}

function parseSupply(members: Members): DeviceAction {
  const supply = members.allow("supply", "seconds").inner("supply").allow("voltage", "frequency");
  const voltage = (supply.optional("voltage", 0, 150) ?? 100) / 100;
  const offsetHz = supply.optional("frequency", -10, 10) ?? 0;
  return { kind: "supply", event: { voltage, offsetHz }, durationMs: members.duration("seconds") ?? standardFaultMs };
}

function parseImpairment(members: Members): DeviceAction {
  const impair = members.allow("impair", "seconds").inner("impair");
  impair.allow("drop", "duplicate", "reorder", "malformed", "delayMs");
  const share = (key: string): number => impair.optional(key, 0, 1) ?? 0;
  return {
    kind: "impair",
    impairment: {
      drop: share("drop"),
      duplicate: share("duplicate"),
      reorder: share("reorder"),
      malformed: share("malformed"),
      delayMs: impair.optional("delayMs", 0, 600_000) ?? 0,
    },
    durationMs: members.duration("seconds"),
  };
}

function parseCommand(members: Members): BreakerCommand {
  members.allow("command", "resetType", "element", "level", "noTrip", "client");
  const client = members.text("client", "local");
  const kind = members.word("command", ["trip", "close", "select", "reset", "self-test", "protection-test"]);
  switch (kind) {
    case "trip":
      return { kind };
    case "close":
    case "select":
      return { kind, client };
    case "reset":
      return { kind, resetType: members.text("resetType", "Full") };
    case "self-test":
      return { kind: "test", test: "SelfTest", element: "", level: undefined, noTrip: true };
    case "protection-test": {
      const level = members.optional("level", 0.1, 20);
      const noTrip = members.has("noTrip") && members.flag("noTrip");
      return { kind: "test", test: "ProtectionTest", element: members.text("element", ""), level, noTrip };
    }
  }
}

function parseSettings(members: Members): DeviceAction {
  const values = new Map<SettingName, number>();
  for (const [name, value] of members.allow("settings").inner("settings").entries()) {
    if (!isSettingName(name)) throw new ActionProblem(`settings.${name}`, "is no setting of a breaker");
    if (typeof value !== "number" && typeof value !== "boolean") {
      throw new ActionProblem(`settings.${name}`, `${JSON.stringify(value)} is not a number`);
    }
    values.set(name, Number(value));
  }
  return { kind: "settings", values };
}

function parseDegradation(members: Members): DeviceAction {
  const kinds = [...degradationKinds].filter(isDegradationKind);
  const degradation = members.allow("degrade", "perDay", "shape").word("degrade", kinds);
  const perDay = members.number("perDay", 1e-6, 1_000);
  return { kind: "degrade", degradation, perDay, shape: members.optional("shape", 0.5, 4) ?? 1 };
}
