import { AddCause, type ControlResult } from "#simulator/breaker/add-cause.ts";
import type { Will } from "#simulator/fleet/broker-link.ts";
import { jsonBytes, jsonFields } from "#simulator/fleet/json-fields.ts";
import type { SimulatedDevice } from "#simulator/fleet/simulated-device.ts";
import type { Speaker, SpeakerContext } from "#simulator/fleet/speaker.ts";
import { runLegacyCommand, runResourceCommand } from "./legacy-command.ts";
import { configurationOf, objectsOf, tripEventOf, zonelessTime } from "./legacy-payload.ts";
import { registrationLifetimeS } from "./objects.ts";

/** Devices that report faster than this collect their updates in bulk messages. */
const bulkPeriodMs = 50;
const bulkSize = 10;

/** A breaker that speaks the legacy JSON dialect of LwM2M on `lwm2m/{id}/...`: every update repeats everything. */
export class LegacyLwM2mSpeaker implements Speaker {
  readonly protocol = "lwm2m";
  readonly name: string;
  readonly devices: readonly SimulatedDevice[];
  readonly subscriptions: readonly string[];
  readonly #device: SimulatedDevice;
  readonly #context: SpeakerContext;
  #bulk: object[] = [];
  #bulkSinceMs = 0;
  #toldTrips: number;

  constructor(device: SimulatedDevice, context: SpeakerContext) {
    this.#device = device;
    this.#context = context;
    this.#toldTrips = device.breaker.counters.trips;
    this.name = device.id;
    this.devices = [device];
    // Not `lwm2m/{id}/#`: our own updates would come back.
    this.subscriptions = [`lwm2m/${device.id}/cmd/#`];
  }

  connected(): void {
    if (!this.#device.isLost) this.#send("reg", this.#registration(), 1);
  }

  farewell(): Will {
    return { topic: this.#topic("dereg"), payload: Buffer.alloc(0) };
  }

  message(topic: string, payload: Uint8Array): void {
    if (this.#device.isSilent || this.#device.isLost) return;
    const fields = jsonFields(payload);
    const verb = topic.split("/")[3] ?? "";
    if (fields === undefined) return;
    if (fields.has("objectId")) this.#answerResource(verb, fields);
    else this.#answerCommand(fields);
    this.#context.commanded(this.#device);
  }

  reportChanges(): void {
    const { trips } = this.#device.breaker.counters;
    if (trips > this.#toldTrips && !this.#device.isLost) this.#send("event", tripEventOf(this.#device), 1);
    this.#toldTrips = trips;
    this.reportAll();
  }

  reportDue(): number {
    const { periodMs } = this.#context;
    if (this.#device.isLost) return periodMs;
    if (periodMs < bulkPeriodMs) this.#addToBulk();
    else this.reportAll();
    return periodMs;
  }

  reportAll(): void {
    if (!this.#device.isLost) this.#send("update", this.#registration(), 1);
  }

  setLost(_device: SimulatedDevice, isLost: boolean): void {
    if (!isLost) this.connected();
  }

  #answerCommand(fields: ReadonlyMap<string, unknown>): void {
    const word = String(fields.get("command"));
    if (word === "get_configuration") return this.#send("config", configurationOf(this.#device), 1);
    const result = runLegacyCommand(this.#device, fields);
    if (result !== undefined) this.#send(`resp/${word}`, this.#response(fields, result), 1);
  }

  #answerResource(verb: string, fields: ReadonlyMap<string, unknown>): void {
    const { result, value } = runResourceCommand(this.#device, verb, fields);
    const answer = { ...this.#response(fields, result), ...(value === undefined ? {} : { value }) };
    this.#send(`resp/${verb}`, answer, 1);
  }

  #response(fields: ReadonlyMap<string, unknown>, { addCause, reason }: ControlResult): object {
    return {
      id: fields.get("id"),
      objectId: fields.get("objectId"),
      instanceId: fields.get("instanceId"),
      resourceId: fields.get("resourceId"),
      status: addCause === AddCause.accepted ? "accepted" : "rejected",
      result: addCause,
      reason,
      timestamp: zonelessTime(this.#device.epochMs()),
    };
  }

  #registration(): object {
    const { id } = this.#device;
    return {
      endpoint: id,
      lifetime: registrationLifetimeS,
      version: "1.2",
      bindingMode: "UQ",
      objects: objectsOf(this.#device),
    };
  }

  #addToBulk(): void {
    const now = this.#context.wallMs();
    if (this.#bulk.length === 0) this.#bulkSinceMs = now;
    const { id } = this.#device;
    const timestamp = this.#device.epochMs();
    const objects = objectsOf(this.#device);
    this.#bulk.push({ operation: "update", endpoint: id, lifetime: registrationLifetimeS, objects, timestamp });
    if (this.#bulk.length < bulkSize && now - this.#bulkSinceMs < bulkPeriodMs) return;
    const operations = this.#bulk;
    this.#bulk = [];
    this.#send("bulk", { bulk_operations: operations, device_id: id, bulk_size: operations.length, timestamp }, 1);
  }

  #send(kind: string, content: object, qos: 0 | 1): void {
    this.#context.send({ topic: this.#topic(kind), payload: jsonBytes(content), qos }, this.#device);
  }

  #topic(kind: string): string {
    return `lwm2m/${this.#device.id}/${kind}`;
  }
}
