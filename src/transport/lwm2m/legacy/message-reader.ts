import type { Uplink } from "#fleet/ports.ts";
import { isJsonObject, type JsonObject } from "#lib/read-json.ts";
import type { ParameterValue } from "#model/data-type.ts";
import type { EpochMs } from "#model/ids.ts";
import { SampleBatch } from "#model/sample-batch.ts";
import { pascalCase } from "#transport/lwm2m/command-binding.ts";
import { pathOfIds, pathText } from "#transport/lwm2m/core/path.ts";
import { epochMsOf } from "#transport/shared/device-time.ts";
import { answerOf } from "./command-message.ts";
import type { LegacyDevice } from "./legacy-device.ts";
import type { LegacyDevices } from "./legacy-devices.ts";
import type { UplinkTopic } from "./topic.ts";

export interface MessageReaderParts {
  readonly uplink: Uplink;
  readonly devices: LegacyDevices;
  readonly respond: (device: LegacyDevice, word: string, answer: JsonObject) => void;
}

export interface ReceivedMessage {
  readonly device: LegacyDevice;
  readonly message: JsonObject;
  readonly receivedAt: EpochMs;
}

/** Where the fields of a trip notice belong. */
const eventResources: readonly (readonly [field: string, path: string])[] = [
  ["breaker_status", "/3200/0/0"],
  ["trip_count", "/3200/0/13"],
  ["timestamp", "/3200/0/14"],
  ["reason", "/3200/0/15"],
  ["trip_current", "/3200/0/16"],
];

/** A device that updates 200 times a second is answered ten times: each answer says that all before it arrived. */
const answerPeriodMs = 100;

/** Operations of one bulk message; devices send ten. */
const maxOperations = 1_000;

/**
 * Reads the messages of the legacy dialect, counts each once, reports what it says and answers where an answer is due.
 * Updates carry no time, so every value gets that of receipt: with the device's own time here and there, one clock that is
 * behind would make newer values look older.
 */
export class MessageReader {
  readonly #parts: MessageReaderParts;
  readonly #batch = new SampleBatch();

  constructor(parts: MessageReaderParts) {
    this.#parts = parts;
  }

  read(topic: UplinkTopic, received: ReceivedMessage): void {
    switch (topic.kind) {
      case "reg":
      case "update":
        return this.#whole(topic.kind, received);
      case "bulk":
        return this.#bulk(received);
      case "event":
        return this.#event(received);
      case "config":
        return this.#config(received);
      case "dereg":
        return this.dereg(received.device, received.receivedAt);
      case "resp":
        return this.#answer(topic.word, received);
    }
  }

  /** The device says goodbye; whatever the message holds. */
  dereg(device: LegacyDevice, receivedAt: EpochMs): void {
    const { uplink, devices } = this.#parts;
    if (device.record === undefined) {
      uplink.rejected(device.name, "not-announced", "it was not registered");
      return;
    }
    devices.left(device, receivedAt);
    uplink.accepted(device.name);
  }

  #whole(kind: "reg" | "update", { device, message, receivedAt }: ReceivedMessage): void {
    const { uplink, devices, respond } = this.#parts;
    const objects = message["objects"];
    if (!isJsonObject(objects)) {
      uplink.rejected(device.name, "malformed", "no objects");
      return;
    }
    if (!devices.admit(device, objects)) return;
    const lifetime = devices.renew(device, lifetimeIn(message));
    devices.heard(device, receivedAt);
    this.#objects(device, objects, receivedAt, receivedAt);
    uplink.accepted(device.name);
    if (kind === "reg") respond(device, kind, { status: "registered", location: `/rd/${device.name}`, lifetime });
    else if (receivedAt - device.answeredAt >= answerPeriodMs) {
      device.answeredAt = receivedAt;
      respond(device, kind, { status: "updated", timestamp: new Date(receivedAt).toISOString() });
    }
  }

  #bulk({ device, message, receivedAt }: ReceivedMessage): void {
    const { uplink, devices, respond } = this.#parts;
    const operations = message["bulk_operations"];
    if (!Array.isArray(operations) || operations.length > maxOperations) {
      uplink.rejected(device.name, "malformed", `expected a list of at most ${maxOperations} bulk_operations`);
      return;
    }
    const updates = operations.filter(isJsonObject).filter(({ objects }) => isJsonObject(objects));
    const first = updates[0]?.["objects"];
    if (!devices.admit(device, isJsonObject(first) ? first : undefined)) return;
    devices.renew(device, undefined);
    devices.heard(device, receivedAt);
    for (const { objects, timestamp } of updates) {
      const time = receivedAt - ageOf(timestamp, message["timestamp"]);
      if (isJsonObject(objects)) this.#objects(device, objects, time, receivedAt);
    }
    const lame = operations.length - updates.length;
    if (lame > 0) uplink.flawed(device.name, "unknown-point", `${lame} operations without objects`);
    uplink.accepted(device.name);
    const bulk_size = operations.length;
    const timestamp = new Date(receivedAt).toISOString();
    respond(device, "bulk", { status: "bulk_processed", bulk_size, processed_operations: updates.length, timestamp });
  }

  /** A trip notice: its values, and the notice itself. */
  #event({ device, message, receivedAt }: ReceivedMessage): void {
    const { uplink, devices } = this.#parts;
    if (!devices.admit(device, undefined) || device.record === undefined) return;
    devices.heard(device, receivedAt);
    this.#batch.reset(receivedAt);
    for (const [field, path] of eventResources) {
      if (message[field] !== undefined) device.tree?.readOne(path, message[field], receivedAt, this.#batch);
    }
    if (this.#batch.size > 0) uplink.samples(device.record, this.#batch);
    const type = message["event_type"];
    const at = epochMsOf(message["timestamp"]) ?? receivedAt;
    uplink.event?.(device.record, { type: typeof type === "string" ? type : "event", at, fields: fieldsOf(message) });
    uplink.accepted(device.name);
  }

  /** The configuration that was asked for: names of parameters in snake case. */
  #config({ device, message, receivedAt }: ReceivedMessage): void {
    const { uplink, devices } = this.#parts;
    if (!devices.admit(device, undefined) || device.record === undefined) return;
    const configuration = message["configuration"];
    if (!isJsonObject(configuration)) {
      uplink.rejected(device.name, "malformed", "no configuration");
      return;
    }
    devices.heard(device, receivedAt);
    this.#batch.reset(receivedAt);
    for (const [key, value] of Object.entries(configuration)) {
      const address = device.record.package.parameterByName.get(pascalCase(key))?.bindings.lwm2m?.address;
      if (address !== undefined) device.tree?.readOne(address, value, receivedAt, this.#batch);
    }
    if (this.#batch.size > 0) uplink.samples(device.record, this.#batch);
    uplink.accepted(device.name);
  }

  #answer(word: string, { device, message, receivedAt }: ReceivedMessage): void {
    const { uplink, devices } = this.#parts;
    if (device.record === undefined) {
      uplink.rejected(device.name, "unknown-device", "an answer of a device not admitted");
      return;
    }
    devices.heard(device, receivedAt);
    if (word === "read") this.#readAnswer(device, message, receivedAt);
    else uplink.acknowledged(device.record, answerOf(message, receivedAt));
    uplink.accepted(device.name);
  }

  /** The answer to a read names the resource and its value. */
  #readAnswer(device: LegacyDevice, message: JsonObject, receivedAt: EpochMs): void {
    const { objectId, instanceId = 0, resourceId, value } = message;
    const path = pathOfIds([objectId, instanceId, resourceId]);
    if (path === undefined || value === undefined || device.record === undefined) return;
    this.#batch.reset(receivedAt);
    if (device.tree?.readOne(pathText(path), value, receivedAt, this.#batch) !== true) return;
    this.#parts.uplink.samples(device.record, this.#batch);
  }

  #objects(device: LegacyDevice, objects: JsonObject, time: EpochMs, receivedAt: EpochMs): void {
    const { uplink } = this.#parts;
    const { record, tree } = device;
    if (record === undefined || tree === undefined) return;
    this.#batch.reset(receivedAt);
    tree.read(objects, timeAfterLast(device, time), this.#batch);
    if (this.#batch.size > 0) uplink.samples(record, this.#batch);
    if (tree.firstWrong !== "") uplink.flawed(device.name, "wrong-type", tree.firstWrong);
  }
}

/**
 * Updates carry no time of their own: those of one device that came in the same millisecond stand a microsecond apart, so
 * that history, which has one value for each instant, keeps them all in order.
 */
function timeAfterLast(device: LegacyDevice, time: EpochMs): EpochMs {
  const isJustBehind = time <= device.lastTime && device.lastTime - time < 1_000;
  device.lastTime = isJustBehind ? device.lastTime + 0.001 : time;
  return device.lastTime;
}

/** How long before its bulk message an operation was (ms), by the device's own clock. */
function ageOf(operation: unknown, message: unknown): number {
  const age = (epochMsOf(message) ?? Number.NaN) - (epochMsOf(operation) ?? Number.NaN);
  return age > 0 && age < 3_600_000 ? age : 0;
}

function lifetimeIn({ lifetime }: JsonObject): number | undefined {
  return typeof lifetime === "number" && lifetime > 0 && lifetime < 1e9 ? lifetime : undefined;
}

function fieldsOf(message: JsonObject): Record<string, ParameterValue> {
  const fields: Record<string, ParameterValue> = {};
  for (const [key, value] of Object.entries(message)) {
    if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") fields[key] = value;
  }
  return fields;
}
