import type { PresenceState, Uplink } from "#fleet/ports.ts";
import { SampleBatch } from "#model/sample-batch.ts";
import { numberOf } from "#transport/sparkplug/codec/metric-value.ts";
import type { PayloadDecoder } from "#transport/sparkplug/codec/payload-decoder.ts";
import type { CommandAnswers } from "./command-answers.ts";
import type { EdgeDevice } from "./edge-node.ts";
import type { Point } from "./points.ts";
import { addSample } from "./sample-reader.ts";

/** How the decoded message is to be taken. */
export interface ReadingContext {
  readonly source: string;
  readonly receivedAt: number;
  /** SampleFlag for all of its samples; `historical` keeps current values, presence and answers untouched. */
  readonly flags: number;
  /** A BIRTH's own metrics: the fleet has already counted a device that it does not admit. */
  readonly isBirth: boolean;
}

/** Turns decoded metrics of a device into one batch of samples and reports them. */
export class DataReader {
  readonly #decoder: PayloadDecoder;
  readonly #uplink: Uplink;
  readonly #answers: CommandAnswers;
  readonly #batch = new SampleBatch(128);
  #unknown = "";
  #foreign = "";

  constructor(decoder: PayloadDecoder, uplink: Uplink, answers: CommandAnswers) {
    this.#decoder = decoder;
    this.#uplink = uplink;
    this.#answers = answers;
  }

  /** Reports the samples of the decoded message; false when it has metrics that the device's BIRTH did not announce. */
  read(device: EdgeDevice, context: ReadingContext): boolean {
    const lastId = this.#fillBatch(device, context);
    const { record } = device;
    if (this.#unknown !== "") this.#uplink.rejected(context.source, "unknown-point", this.#unknown);
    if (this.#foreign !== "") this.#uplink.rejected(context.source, "foreign-device", this.#foreign);
    if (record === undefined) {
      if (device.name !== "" && !context.isBirth) this.#rejectStranger(device, context);
    } else {
      if (context.flags === 0) setPresence(this.#uplink, device, "online", context.receivedAt, "data");
      if (this.#batch.size > 0) this.#uplink.samples(record, this.#batch);
      if (lastId >= 0 && context.flags === 0) this.#acknowledge(device, lastId, context.receivedAt);
    }
    return this.#unknown === "";
  }

  #rejectStranger(device: EdgeDevice, context: ReadingContext): void {
    this.#uplink.rejected(context.source, "unknown-device", `${device.address} is not admitted`);
  }

  /** Returns the command id that the device echoes, or -1. */
  #fillBatch(device: EdgeDevice, context: ReadingContext): number {
    const batch = this.#batch;
    const { columns } = this.#decoder;
    batch.reset(context.receivedAt);
    this.#unknown = "";
    this.#foreign = "";
    let lastId = -1;
    for (let i = 0; i < columns.size; i += 1) {
      const point = this.#pointOf(device, i);
      if (point === undefined) continue;
      if (point.parameter >= 0) addSample(batch, point, this.#decoder, i, context.flags);
      else if (point.role === "last-id") lastId = numberOf(columns, i, point.datatype);
      else if (point.role === "last-result") device.lastResult = numberOf(columns, i, point.datatype);
      else if (point.role === "last-reason") device.lastReason = this.#decoder.textOf(i) ?? "";
    }
    return lastId;
  }

  #pointOf(device: EdgeDevice, i: number): Point | undefined {
    const { columns } = this.#decoder;
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

  #acknowledge(device: EdgeDevice, lastId: number, at: number): void {
    const ack = this.#answers.answer(device.address, lastId, {
      result: device.lastResult,
      reason: device.lastReason,
      at,
    });
    if (ack !== undefined && device.record !== undefined) this.#uplink.acknowledged(device.record, ack);
  }
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
