import type { Device } from "#fleet/device.ts";
import type { OutgoingWrite, RejectionReason, Uplink } from "#fleet/ports.ts";
import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import { isJsonObject, type JsonLimits, type JsonObject, readJson } from "#lib/read-json.ts";
import type { OutgoingCommand } from "#model/command.ts";
import { HostError } from "#model/errors.ts";
import type { EpochMs } from "#model/ids.ts";
import { idsOf, pathOf } from "#transport/lwm2m/core/path.ts";
import { PendingRequests } from "#transport/lwm2m/core/pending-requests.ts";
import { legacyPath } from "#transport/lwm2m/device-points.ts";
import type { Dialect, ReadValue } from "#transport/lwm2m/dialect.ts";
import type { Delivery, OutgoingMessage, Subscription } from "#transport/shared/broker-session.ts";
import { TopicCache } from "#transport/shared/topic-cache.ts";
import { commandMessage, type LegacyCommand, writeMessage } from "./command-message.ts";
import type { LegacyDevice } from "./legacy-device.ts";
import { LegacyDevices } from "./legacy-devices.ts";
import { MessageReader } from "./message-reader.ts";
import { answerWords, parseUplinkTopic, uplinkKinds } from "./topic.ts";

export interface LegacyDialectOptions {
  readonly uplink: Uplink;
  readonly clock: Clock;
  readonly log: Logger;
  readonly publish: (message: OutgoingMessage) => Promise<void>;
  readonly subscribe: (subscriptions: readonly Subscription[]) => Promise<void>;
  readonly silenceMs: number;
  readonly maxDevices: number;
  readonly typeByObject: ReadonlyMap<string, string>;
  readonly limits: JsonLimits;
  readonly answerTimeoutMs: number;
}

/** Tells the answers to reads from those to commands, whose ids come from outside. */
const readIdPrefix = "read-";

/** The older JSON form of LwM2M over MQTT: `lwm2m/{id}/reg|update|bulk|event|config|dereg`, commands on `cmd/..`. */
export class LegacyDialect implements Dialect {
  readonly #options: LegacyDialectOptions;
  readonly #devices: LegacyDevices;
  readonly #reader: MessageReader;
  readonly #topics = new TopicCache(parseUplinkTopic);
  readonly #words = new Set(answerWords);
  readonly #reads: PendingRequests<JsonObject>;
  #lastRead = 0;

  constructor(options: LegacyDialectOptions) {
    this.#options = options;
    this.#reads = new PendingRequests(options.clock);
    this.#devices = new LegacyDevices(options);
    this.#reader = new MessageReader({
      uplink: options.uplink,
      devices: this.#devices,
      respond: (device, word, answer) => this.#respond(device, word, answer),
    });
  }

  filters(): readonly string[] {
    return [...uplinkKinds.map((kind) => `lwm2m/+/${kind}`), ...[...this.#words].map((word) => `lwm2m/+/resp/${word}`)];
  }

  carries(address: string): boolean {
    return !address.includes("/");
  }

  message(topic: string, payload: Uint8Array, delivery: Delivery, receivedAt: EpochMs): void {
    const { uplink, limits } = this.#options;
    uplink.received();
    const parsed = this.#topics.parse(topic);
    if (parsed === undefined)
      return this.#reject(topic.slice(0, 80), "invalid-topic", "expected lwm2m/{device}/{kind}");
    if (delivery.retain) return this.#reject(parsed.device, "out-of-sequence", "kept by the broker from before");
    const device = this.#devices.of(parsed.device);
    if (parsed.kind === "dereg") return this.#reader.dereg(device, receivedAt);
    const reading = readJson(payload, limits);
    if (!reading.ok) return this.#reject(device.name, reading.reason, reading.detail);
    const message = reading.value;
    if (!isJsonObject(message)) return this.#reject(device.name, "malformed", "expected a JSON object");
    const claimed = message["endpoint"] ?? message["device_id"];
    if (claimed !== undefined && claimed !== device.name) {
      const detail = `a message of ${JSON.stringify(claimed).slice(0, 60)} on the topic of ${device.name}`;
      return this.#reject(device.name, "foreign-device", detail);
    }
    this.#settleRead(message);
    this.#reader.read(parsed, { device, message, receivedAt });
  }

  async send(device: Device, command: OutgoingCommand, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw new HostError("cancelled", `${command.spec.name} of ${device.id} was cancelled`);
    const at = this.#options.clock.now();
    await this.#command(device, commandMessage(command, { device: device.id, package: device.package, at }));
  }

  async write(device: Device, write: OutgoingWrite, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw new HostError("cancelled", `${write.parameter.name} of ${device.id} was cancelled`);
    const at = this.#options.clock.now();
    await this.#command(device, writeMessage(write, { device: device.id, package: device.package, at }));
  }

  async read(device: Device, path: string, signal: AbortSignal): Promise<readonly ReadValue[]> {
    const { clock, answerTimeoutMs } = this.#options;
    const [objectId, instanceId, resourceId, ...rest] = idsOf(pathOf(legacyPath(path)) ?? {});
    if (resourceId === undefined || rest.length > 0) {
      throw new HostError("argument-invalid", `${path} is no LwM2M resource`);
    }
    if (signal.aborted) throw new HostError("cancelled", `the read of ${path} of ${device.id} was cancelled`);
    this.#lastRead += 1;
    const id = this.#lastRead;
    const answer = this.#reads.expect(id, answerTimeoutMs, `the read of ${path} of ${device.id}`);
    answer.catch(() => undefined);
    const payload = { objectId, instanceId, resourceId, timestamp: clock.now(), id: `${readIdPrefix}${id}` };
    await this.#command(device, { word: "read", payload: JSON.stringify(payload) });
    const { value, error, reason } = await answer;
    if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") return [{ path, value }];
    const why = typeof reason === "string" ? reason : typeof error === "string" ? error : "no value";
    throw new HostError("command-rejected", `${device.id}: ${path}: ${why}`);
  }

  readmit(address: string): void {
    this.#devices.readmit(address);
  }

  lost(cause: string): void {
    this.#reads.fail(`broker connection lost: ${cause}`);
    this.#devices.lost(cause);
  }

  [Symbol.dispose](): void {
    this.#devices[Symbol.dispose]();
  }

  #settleRead({ id, ...message }: JsonObject): void {
    if (typeof id !== "string" || !id.startsWith(readIdPrefix)) return;
    this.#reads.settle(Number(id.slice(readIdPrefix.length)), message);
  }

  #reject(source: string, reason: RejectionReason, detail: string): void {
    this.#options.uplink.rejected(source, reason, detail);
  }

  async #command(device: Device, { word, payload }: LegacyCommand): Promise<void> {
    const { publish, subscribe } = this.#options;
    if (!this.#words.has(word)) {
      this.#words.add(word);
      await subscribe([{ filter: `lwm2m/+/resp/${word}`, qos: 1 }]);
    }
    await publish({ topic: `lwm2m/${device.address}/cmd/${word}`, payload, qos: 1, retain: false });
  }

  /** Answers are QoS 0: what an update says is repeated with the next one anyway. */
  #respond(device: LegacyDevice, word: string, answer: JsonObject): void {
    const { publish, log } = this.#options;
    const topic = `lwm2m/${device.name}/resp/${word}`;
    publish({ topic, payload: JSON.stringify(answer), qos: 0, retain: false }).catch((error: unknown) => {
      log.debug({ device: device.name, err: error }, "answer not sent");
    });
  }
}
