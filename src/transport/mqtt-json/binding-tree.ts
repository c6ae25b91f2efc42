import type { DevicePackage } from "#model/device-package.ts";
import { type WirePoint, wirePointOf } from "#transport/shared/wire-value.ts";

/** One level of the JSON paths that a package binds. */
export interface Branch {
  readonly children: ReadonlyMap<string, Branch>;
  /** The parameter at this very path. */
  readonly point: WirePoint | undefined;
  /** The parameter that a bare number at this path belongs to, where an object was bound. */
  readonly bare: WirePoint | undefined;
}

/** Aggregates of a trend entry that can have parameters of their own. */
export const trendKinds = ["min", "max", "avg"] as const;

export type TrendKind = (typeof trendKinds)[number];

/** The parameters behind a trend channel. */
export interface TrendChannel {
  readonly value: WirePoint | undefined;
  readonly aggregates: Readonly<Partial<Record<TrendKind, WirePoint>>>;
}

/** What a package binds to JSON, compiled for reading messages. */
export interface JsonBindings {
  readonly root: Branch;
  readonly channels: ReadonlyMap<string, TrendChannel>;
}

/** A bare number where an object per phase or component was bound is the value, else the first of its parts. */
export const bareParts: readonly string[] = ["value", "phase_a", "active"];

const trendAddress = /^trends\.([A-Za-z0-9_]+)\.(min|max|avg)$/;

const compiled = new WeakMap<DevicePackage, JsonBindings>();

/** The JSON bindings of a package; compiled once. */
export function jsonBindingsOf(pkg: DevicePackage): JsonBindings {
  let bindings = compiled.get(pkg);
  if (bindings === undefined) {
    bindings = compile(pkg);
    compiled.set(pkg, bindings);
  }
  return bindings;
}

interface Draft {
  readonly children: Map<string, Draft>;
  point: WirePoint | undefined;
  bare: WirePoint | undefined;
}

interface ChannelDraft {
  value: WirePoint | undefined;
  readonly aggregates: Partial<Record<TrendKind, WirePoint>>;
}

function compile(pkg: DevicePackage): JsonBindings {
  const root = newDraft();
  const channels = new Map<string, ChannelDraft>();
  for (const spec of pkg.parameters) {
    const binding = spec.bindings.json;
    if (binding === undefined) continue;
    const point = wirePointOf(spec, binding);
    const path = valuePathOf(binding.address);
    const [, channel, kind] = trendAddress.exec(path) ?? [];
    const aggregate = trendKinds.find((candidate) => candidate === kind);
    if (channel !== undefined && aggregate !== undefined) {
      channelOf(channels, channel).aggregates[aggregate] = point;
      continue;
    }
    placeOf(root, path).point = point;
    for (const name of channelNamesOf(path)) channelOf(channels, name).value ??= point;
  }
  settleBareParts(root);
  return { root, channels };
}

/**
 * The path of a binding below what a message carries: packages may write `measurements.current.phase_a` or leave the name
 * of that object out, because in a status message and on the `sensors/` topics values stand at the root.
 */
export function valuePathOf(address: string): string {
  return address.startsWith(measurementsPrefix) ? address.slice(measurementsPrefix.length) : address;
}

export const measurementsPrefix = "measurements.";

function newDraft(): Draft {
  return { children: new Map(), point: undefined, bare: undefined };
}

function placeOf(root: Draft, path: string): Draft {
  let place = root;
  for (const key of path.split(".")) {
    let child = place.children.get(key);
    if (child === undefined) {
      child = newDraft();
      place.children.set(key, child);
    }
    place = child;
  }
  return place;
}

function settleBareParts(draft: Draft): void {
  for (const child of draft.children.values()) settleBareParts(child);
  draft.bare = draft.point ?? bareParts.map((part) => draft.children.get(part)?.point).find((point) => point);
}

/** `voltage.phase_a` is channel `voltage_phase_a`; `temperature.value` is `temperature` as well. */
function channelNamesOf(path: string): string[] {
  const name = path.replaceAll(".", "_");
  return name.endsWith("_value") ? [name, name.slice(0, -"_value".length)] : [name];
}

function channelOf(channels: Map<string, ChannelDraft>, name: string): ChannelDraft {
  let channel = channels.get(name);
  if (channel === undefined) {
    channel = { value: undefined, aggregates: {} };
    channels.set(name, channel);
  }
  return channel;
}
