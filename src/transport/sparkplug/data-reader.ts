import type { Device } from "#fleet/device.ts";
import type { PresenceState, Uplink } from "#fleet/ports.ts";
import { Quality } from "#model/quality.ts";
import { SampleBatch } from "#model/sample-batch.ts";
import type { MetricSource } from "#transport/sparkplug/codec/metric-fields.ts";
import { numberOf } from "#transport/sparkplug/codec/metric-value.ts";
import { type NestedMetrics, NestedPool } from "#transport/sparkplug/codec/nested-metrics.ts";
import type { CommandAnswers } from "./command-answers.ts";
import type { EdgeDevice } from "./edge-node.ts";
import type { Point } from "./points.ts";
import { addSample, timeOf } from "./sample-reader.ts";

/** How the decoded message is to be taken. */
export interface ReadingContext {
  readonly receivedAt: number;
  /** SampleFlag for all of its samples; `historical` keeps current values, presence and answers untouched. */
  readonly flags: number;
  /** A BIRTH's own metrics: the fleet has already counted a device that it does not admit. */
  readonly isBirth: boolean;
  /** Parameters that a BIRTH no longer has. */
  readonly retired: readonly number[];
}

/** Turns decoded metrics of a device into one batch of samples and reports them. */
export class DataReader {
  readonly #uplink: Uplink;
  readonly #answers: CommandAnswers;
  readonly #nested = new NestedPool();
  readonly #batch = new SampleBatch(128);
  /** Of the message being read: what was not known, what belongs to another device, the command id that is echoed. */
  #unknown = "";
  #foreign = "";
  #lastId = -1;
  #known = 0;

  constructor(uplink: Uplink, answers: CommandAnswers) {
    this.#uplink = uplink;
    this.#answers = answers;
  }

  /**
   * Reports the samples of the decoded message and counts it; false when it has metrics that the device's BIRTH did not
   * announce.
   */
  read(device: EdgeDevice, source: MetricSource, context: ReadingContext): boolean {
    const { record } = device;
    if (record === undefined) {
      this.#countUnread(device, context);
      return true;
    }
    this.#fillBatch(device, source, context);
    if (this.#count(record)) this.#report(device, record, context);
    return this.#unknown === "";
  }

  /** An edge node without a type of its own has nothing to read; any other device without a record is not admitted. */
  #countUnread(device: EdgeDevice, context: ReadingContext): void {
    if (device.name === "" && device.declaredType === undefined) this.#uplink.accepted(device.address);
    else if (!context.isBirth) {
      this.#uplink.rejected(device.address, "unknown-device", `${device.address} is not admitted`);
    }
  }

  /** Counts the message as accepted or rejected, and its flaws; false when there is nothing of it to report. */
  #count({ id }: Device): boolean {
    const uplink = this.#uplink;
    if (this.#known === 0 && this.#unknown !== "") {
      uplink.rejected(id, "unknown-point", this.#unknown);
      return false;
    }
    if (this.#known === 0 && this.#foreign !== "") {
      uplink.rejected(id, "foreign-device", this.#foreign);
      return false;
    }
    uplink.accepted(id);
    if (this.#unknown !== "") uplink.flawed(id, "unknown-point", this.#unknown);
    if (this.#foreign !== "") uplink.flawed(id, "foreign-device", this.#foreign);
    return true;
  }

  #report(device: EdgeDevice, record: Device, context: ReadingContext): void {
    const uplink = this.#uplink;
    if (context.flags === 0) {
      device.presence = "online";
      uplink.presence(record, "online", context.receivedAt, "data");
    }
    if (this.#batch.size > 0) uplink.samples(record, this.#batch);
    if (this.#lastId >= 0 && context.flags === 0) this.#acknowledge(device, record, context.receivedAt);
  }

  #fillBatch(device: EdgeDevice, source: MetricSource, context: ReadingContext): void {
    this.#batch.reset(context.receivedAt);
    this.#unknown = "";
    this.#foreign = "";
    this.#lastId = -1;
    for (const parameter of context.retired) {
      this.#batch.add(parameter, Number.NaN, context.receivedAt, Quality.badNotConnected, context.flags);
    }
    this.#known = 0;
    const { size } = source.columns;
    for (let i = 0; i < size; i += 1) {
      const point = this.#pointOf(device, source, i);
      if (point === undefined) continue;
      this.#known += 1;
      this.#take(device, point, source, i, context.flags);
    }
    if (size === 0) this.#known = 1;
  }

  #take(device: EdgeDevice, point: Point, source: MetricSource, i: number, flags: number): void {
    if (point.parameter >= 0) addSample(this.#batch, point, source, i, flags);
    else if (point.role !== "other") this.#takeAnswer(device, point, source, i);
    if (point.members !== undefined) this.#takeMembers(device, point.members, { source, i, flags, depth: 0 });
    else if (point.rows !== undefined) this.#takeCells(point.rows, { source, i, flags, depth: 0 });
  }

  #takeAnswer(device: EdgeDevice, point: Point, source: MetricSource, i: number): void {
    if (point.role === "last-id") this.#lastId = numberOf(source.columns, i, point.datatype);
    else if (point.role === "last-result") device.lastResult = numberOf(source.columns, i, point.datatype);
    else if (point.role === "last-reason") device.lastReason = source.textOf(i) ?? "";
  }

  /** Instances may come with only the members that changed (section 6.4.12). */
  #takeMembers(device: EdgeDevice, members: ReadonlyMap<string, Point>, at: NestedRow): void {
    const nested = this.#open(at, "readTemplate");
    if (nested === undefined) return;
    for (let k = 0; k < nested.columns.size; k += 1) {
      const name = nested.columns.names[k] ?? "";
      const member = members.get(name);
      const inner = { source: nested, i: k, flags: at.flags, depth: at.depth + 1 };
      if (member === undefined) this.#unknown ||= `template member ${name.slice(0, 80)} was not in the BIRTH`;
      else if (member.members !== undefined) this.#takeMembers(device, member.members, inner);
      else if (member.rows !== undefined) this.#takeCells(member.rows, inner);
      else if (member.parameter >= 0) addSample(this.#batch, member, nested, k, at.flags);
    }
  }

  /** Rows beyond those of the BIRTH have no points and are left out: tables grow without being another device. */
  #takeCells(rows: readonly ReadonlyMap<string, Point>[], at: NestedRow): void {
    const table = this.#open(at, "readDataSet");
    if (table === undefined) return;
    const width = table.columnNames.length;
    for (let k = 0; k < table.columns.size; k += 1) {
      const cell = rows[Math.floor(k / width)]?.get(table.columns.names[k] ?? "");
      if (cell !== undefined && cell.parameter >= 0) addSample(this.#batch, cell, table, k, at.flags);
    }
  }

  #open({ source, i, depth }: NestedRow, read: "readTemplate" | "readDataSet"): NestedMetrics | undefined {
    const { columns } = source;
    const nested = this.#nested.at(depth);
    const time = timeOf(columns, i, this.#batch.receivedAt);
    const start = columns.lows[i] ?? 0;
    return nested?.[read](columns.bytes, start, columns.highs[i] ?? 0, time) === true ? nested : undefined;
  }

  #pointOf(device: EdgeDevice, source: MetricSource, i: number): Point | undefined {
    const { columns } = source;
    const name = columns.names[i] ?? "";
    if (name !== "") {
      const named = device.points.get(name);
      if (named === undefined) this.#unknown ||= `metric ${name.slice(0, 80)} was not in the BIRTH`;
      return named;
    }
    const alias = columns.aliases[i] ?? -1;
    const { node } = device;
    const point = node.aliasesHold ? node.aliases.get(alias) : undefined;
    if (point === undefined) this.#unknown ||= alias < 0 ? "a metric without name and alias" : `alias ${alias}`;
    else if (point.owner !== device.name) {
      this.#foreign ||= `alias ${alias} belongs to ${point.owner === "" ? "the edge node" : point.owner}`;
      return undefined;
    }
    return point;
  }

  #acknowledge(device: EdgeDevice, record: Device, at: number): void {
    const answer = { result: device.lastResult, reason: device.lastReason, at };
    const ack = this.#answers.answer(device.address, this.#lastId, answer);
    if (ack !== undefined) this.#uplink.acknowledged(record, ack);
  }
}

/** The name under which traffic of a device is counted. */
export function sourceOf(device: EdgeDevice): string {
  return device.record?.id ?? device.address;
}

interface NestedRow {
  readonly source: MetricSource;
  readonly i: number;
  readonly flags: number;
  readonly depth: number;
}

/** Reports a device's reachability when it changed. */
export function setPresence(
  uplink: Uplink,
  device: EdgeDevice,
  state: PresenceState,
  at: number,
  reason: string,
): void {
  if (device.presence === state) return;
  device.presence = state;
  if (device.record !== undefined) uplink.presence(device.record, state, at, reason);
}
