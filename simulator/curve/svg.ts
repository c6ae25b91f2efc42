import type { CharacteristicPoint } from "./characteristic.ts";
import type { Measurement } from "./measure.ts";

export interface CurvePicture {
  readonly title: string;
  readonly subtitle: string;
  readonly phase: readonly CharacteristicPoint[];
  readonly ground: readonly CharacteristicPoint[];
  readonly measuredPhase: readonly Measurement[];
  readonly measuredGround: readonly Measurement[];
  /** Pickups to mark on the current axis. */
  readonly marks: readonly { readonly name: string; readonly amps: number }[];
}

const size = { width: 900, height: 760 };
const plot = { left: 86, right: 872, top: 84, bottom: 690 };
const colours = {
  phase: "#1f5fa8",
  ground: "#2e7d4f",
  grid: "#dfe4ea",
  gridBold: "#b9c2cc",
  text: "#1d2733",
  point: "#c2410c",
};

/** Log-log axes: amperes from left to right, seconds from bottom to top. */
class Axes {
  readonly amps: readonly [number, number];
  readonly seconds: readonly [number, number] = [0.01, 10_000];

  constructor(amps: readonly [number, number]) {
    this.amps = amps;
  }

  x(amps: number): number {
    return plot.left + (plot.right - plot.left) * share(amps, this.amps);
  }

  y(seconds: number): number {
    const inside = Math.min(this.seconds[1], Math.max(this.seconds[0], seconds));
    return plot.bottom - (plot.bottom - plot.top) * share(inside, this.seconds);
  }
}

function share(value: number, [low, high]: readonly [number, number]): number {
  return Math.log(value / low) / Math.log(high / low);
}

/** The time-current curve as an SVG document: promised bands as areas, measured trips as points. */
export function curveSvg(picture: CurvePicture): string {
  const axes = new Axes(currentRange(picture));
  const parts = [
    `<rect width="${size.width}" height="${size.height}" fill="#ffffff"/>`,
    text({ x: plot.left, y: 34, fontSize: 20 }, picture.title),
    text({ x: plot.left, y: 58, fontSize: 13 }, picture.subtitle),
    ...grid(axes),
    ...picture.marks.map((mark) => markLine(axes, mark)),
    band(axes, picture.phase, colours.phase),
    band(axes, picture.ground, colours.ground),
    ...picture.measuredPhase.map((point) => dot(axes, point, colours.phase)),
    ...picture.measuredGround.map((point) => dot(axes, point, colours.ground)),
    ...legend(),
    text({ x: (plot.left + plot.right) / 2, y: size.height - 18, fontSize: 14, anchor: "middle" }, "Current, A"),
    verticalTitle("Breaking time, s"),
  ];
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" font-family="Helvetica, Arial, sans-serif" role="img" aria-label="${escaped(picture.title)}">`;
  return `${head}\n${parts.join("\n")}\n</svg>\n`;
}

function currentRange({ phase, ground }: CurvePicture): [number, number] {
  const all = [...phase, ...ground].map(({ amps }) => amps);
  return [Math.min(...all), Math.max(...all)];
}

/** The area between the fastest and the slowest promised time; a line where both are the same. */
function band(axes: Axes, points: readonly CharacteristicPoint[], colour: string): string {
  const tripping = points.filter(({ toS }) => Number.isFinite(toS) && toS <= axes.seconds[1] * 1.5);
  const path = (select: (point: CharacteristicPoint) => number, list: readonly CharacteristicPoint[]): string =>
    list.map((point) => `${axes.x(point.amps).toFixed(1)},${axes.y(select(point)).toFixed(1)}`).join(" ");
  const upper = path(({ toS }) => toS, tripping);
  const lower = path(({ fromS }) => fromS, tripping.toReversed());
  return `<polygon points="${upper} ${lower}" fill="${colour}" fill-opacity="0.16" stroke="${colour}" stroke-width="1.6" stroke-linejoin="round"/>`;
}

function dot(axes: Axes, { amps, clearS }: Measurement, colour: string): string {
  const [x, y] = [axes.x(amps).toFixed(1), axes.y(clearS).toFixed(1)];
  return `<circle cx="${x}" cy="${y}" r="3.6" fill="${colours.point}" stroke="${colour}" stroke-width="1.1"/>`;
}

function grid(axes: Axes): string[] {
  const lines: string[] = [];
  for (const amps of decades(axes.amps)) lines.push(...gridLine(axes, "x", amps));
  for (const seconds of decades(axes.seconds)) lines.push(...gridLine(axes, "y", seconds));
  const { left, top, right, bottom } = plot;
  lines.push(
    `<rect x="${left}" y="${top}" width="${right - left}" height="${bottom - top}" fill="none" stroke="${colours.text}"/>`,
  );
  return lines;
}

/** 1, 2 ... 9 times every power of ten inside a range. */
function decades([low, high]: readonly [number, number]): number[] {
  const values: number[] = [];
  for (let power = 10 ** Math.floor(Math.log10(low)); power <= high; power *= 10) {
    for (let digit = 1; digit < 10; digit += 1) values.push(power * digit);
  }
  return values.filter((value) => value >= low * 0.9999 && value <= high * 1.0001);
}

function gridLine(axes: Axes, axis: "x" | "y", value: number): string[] {
  const isDecade = Number.isInteger(Math.round(Math.log10(value) * 1e6) / 1e6);
  const stroke = isDecade ? colours.gridBold : colours.grid;
  const label = value >= 1_000 ? `${value / 1_000}k` : String(Number(value.toPrecision(3)));
  if (axis === "x") {
    const x = axes.x(value).toFixed(1);
    const line = `<line x1="${x}" y1="${plot.top}" x2="${x}" y2="${plot.bottom}" stroke="${stroke}"/>`;
    const isLabelled = /^[125]/.test(value.toPrecision(1));
    return isLabelled
      ? [line, text({ x: Number(x), y: plot.bottom + 18, fontSize: 12, anchor: "middle" }, label)]
      : [line];
  }
  const y = axes.y(value).toFixed(1);
  const line = `<line x1="${plot.left}" y1="${y}" x2="${plot.right}" y2="${y}" stroke="${stroke}"/>`;
  return isDecade ? [line, text({ x: plot.left - 8, y: Number(y) + 4, fontSize: 12, anchor: "end" }, label)] : [line];
}

function markLine(axes: Axes, { name, amps }: { readonly name: string; readonly amps: number }): string {
  const x = axes.x(amps);
  const line = `<line x1="${x.toFixed(1)}" y1="${plot.top}" x2="${x.toFixed(1)}" y2="${plot.bottom}" stroke="${colours.text}" stroke-opacity="0.45" stroke-dasharray="5 4"/>`;
  return `${line}\n${text({ x, y: plot.top - 6, fontSize: 12, anchor: "middle" }, `${name} ${amps} A`)}`;
}

function legend(): string[] {
  const x = plot.right - 214;
  const y = plot.top + 16;
  const swatch = (row: number, colour: string): string =>
    `<rect x="${x + 12}" y="${y + row * 22}" width="22" height="12" fill="${colour}" fill-opacity="0.16" stroke="${colour}" stroke-width="1.6"/>`;
  return [
    `<rect x="${x}" y="${y - 10}" width="202" height="78" fill="#ffffff" fill-opacity="0.92" stroke="${colours.gridBold}"/>`,
    swatch(0, colours.phase),
    text({ x: x + 44, y: y + 11, fontSize: 13 }, "phases: L, S, I"),
    swatch(1, colours.ground),
    text({ x: x + 44, y: y + 33, fontSize: 13 }, "ground fault: G"),
    `<circle cx="${x + 23}" cy="${y + 50}" r="3.6" fill="${colours.point}"/>`,
    text({ x: x + 44, y: y + 55, fontSize: 13 }, "trips of the simulator"),
  ];
}

interface TextPlace {
  readonly x: number;
  readonly y: number;
  readonly fontSize: number;
  readonly anchor?: "start" | "middle" | "end";
}

function text({ x, y, fontSize, anchor = "start" }: TextPlace, content: string): string {
  const place = `x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-size="${fontSize}" text-anchor="${anchor}"`;
  return `<text ${place} fill="${colours.text}">${escaped(content)}</text>`;
}

function verticalTitle(content: string): string {
  const [x, y] = [24, (plot.top + plot.bottom) / 2];
  return `<g transform="rotate(-90 ${x} ${y})">${text({ x, y, fontSize: 14, anchor: "middle" }, content)}</g>`;
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
