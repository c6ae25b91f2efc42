import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Frame, frameNames, frames, isFrameName } from "#simulator/breaker/frame.ts";
import { isSettingName, refusalOf, type Settings } from "#simulator/breaker/settings.ts";
import { groundCharacteristic, logarithmic, phaseCharacteristic } from "#simulator/curve/characteristic.ts";
import { curveCsv } from "#simulator/curve/csv.ts";
import { type Measurement, measureTrip } from "#simulator/curve/measure.ts";
import { curveSvg } from "#simulator/curve/svg.ts";
import { UsageError } from "./options.ts";

const definitions = {
  set: { type: "string", multiple: true, default: [] as string[] },
  frame: { type: "string", default: "mccb-250" },
  svg: { type: "string" },
  csv: { type: "string" },
} as const;

/** `curve [--set NAME=VALUE] [--frame NAME] [--svg FILE] [--csv FILE]`. Throws UsageError. */
export function drawCurve(args: readonly string[]): void {
  const { set, frame: frameName, svg, csv } = parsed(args);
  if (!isFrameName(frameName)) throw new UsageError(`--frame ${frameName}: expected ${frameNames.join(", ")}`);
  const frame = frames[frameName];
  const settings = settingsOf(frame, set);
  const rows = measure(frame, settings);
  const table = curveCsv(rows);
  if (csv === undefined) process.stdout.write(table);
  else writeFileSync(csv, table);
  if (svg !== undefined) writeFileSync(svg, pictureOf(frame, settings, rows));
}

type Rows = Parameters<typeof curveCsv>[0];

function measure(frame: Frame, settings: Settings): Rows {
  const highestA = Math.min(frame.breakingKa * 1000, 16 * frame.ratedA * 2);
  const phase = logarithmic(1.05 * 1.2 * settings.ThermalPickup, highestA, 48).map((amps) => ({
    circuit: "phase" as const,
    promised: phaseCharacteristic(settings, amps),
    measured: measureTrip(frame, settings, "overload", amps),
  }));
  const ground = logarithmic(0.8 * settings.GroundFaultPickup, 2 * frame.ratedA, 20).map((amps) => ({
    circuit: "ground" as const,
    promised: groundCharacteristic(settings, frame, amps),
    measured: measureTrip(frame, settings, "ground", amps),
  }));
  return [...phase, ...ground];
}

function pictureOf(frame: Frame, settings: Settings, rows: Rows): string {
  const highestA = Math.max(...rows.map(({ promised }) => promised.amps));
  const measured = (circuit: "phase" | "ground"): Measurement[] =>
    rows.flatMap((row) => (row.circuit === circuit && row.measured !== undefined ? [row.measured] : []));
  const { ThermalPickup: ir, OvercurrentPickup: isd, InstantaneousPickup: ii, GroundFaultPickup: ig } = settings;
  const { ThermalDelay: tr, OvercurrentDelay: tsd, GroundFaultDelay: tg } = settings;
  return curveSvg({
    title: `${frame.model}: time-current curve`,
    subtitle: `tr ${tr} s at 6 Ir, tsd ${tsd} ms, tg ${tg} ms; from cold; bands are the published breaking times`,
    phase: logarithmic(ir, highestA, 600).map((amps) => phaseCharacteristic(settings, amps)),
    ground: logarithmic(0.5 * ig, 2 * frame.ratedA, 400).map((amps) => groundCharacteristic(settings, frame, amps)),
    measuredPhase: measured("phase"),
    measuredGround: measured("ground"),
    marks: [
      { name: "Ig", amps: ig },
      { name: "Ir", amps: ir },
      { name: "Isd", amps: isd },
      { name: "Ii", amps: ii },
    ],
  });
}

function settingsOf(frame: Frame, assignments: readonly string[]): Settings {
  const settings = { ...frame.standard };
  for (const assignment of assignments) {
    const [name = "", text = ""] = assignment.split("=");
    if (!isSettingName(name)) throw new UsageError(`--set ${assignment}: ${name} is no setting`);
    const value = Number(text);
    const refusal = refusalOf(frame.specs, settings, name, text.trim() === "" ? Number.NaN : value);
    if (refusal !== undefined) throw new UsageError(`--set ${assignment}: ${refusal}`);
    settings[name] = value;
  }
  return settings;
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: definitions }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
