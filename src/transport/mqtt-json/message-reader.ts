import type { Uplink } from "#fleet/ports.ts";
import { isJsonObject, type JsonLimits, type JsonObject, readJson } from "#lib/read-json.ts";
import type { EpochMs } from "#model/ids.ts";
import { Quality } from "#model/quality.ts";
import { SampleBatch, SampleFlag } from "#model/sample-batch.ts";
import type { Delivery } from "#transport/shared/broker-session.ts";
import { epochMsOf } from "#transport/shared/device-time.ts";
import { TopicCache } from "#transport/shared/topic-cache.ts";
import { replyOf } from "./command-message.ts";
import type { JsonDevice } from "./json-device.ts";
import type { JsonDevices } from "./json-devices.ts";
import { MeasurementReader, type ReadingTarget } from "./measurement-reader.ts";
import { parseUplinkTopic, type UplinkTopic } from "./topic.ts";
import { readTrends } from "./trends-reader.ts";

export interface MessageReaderOptions {
  readonly uplink: Uplink;
  readonly devices: JsonDevices;
  readonly limits: JsonLimits;
  /** What our own mirrored messages carry as `origin`. */
  readonly origin: string;
}

interface Received {
  readonly device: JsonDevice;
  readonly message: JsonObject;
  readonly receivedAt: EpochMs;
  /** The message was kept by the broker from before: it says nothing about now. */
  readonly isOld: boolean;
}

/** Reads what devices publish, counts each message once, and reports what it says. */
export class MessageReader {
  readonly #options: MessageReaderOptions;
  readonly #topics = new TopicCache(parseUplinkTopic);
  readonly #reader = new MeasurementReader();
  readonly #batch = new SampleBatch();

  constructor(options: MessageReaderOptions) {
    this.#options = options;
  }

  /** `payload` is valid during the call only. */
  read(topic: string, payload: Uint8Array, delivery: Delivery, receivedAt: EpochMs): void {
    const { uplink, limits, origin } = this.#options;
    const parsed = this.#topics.parse(topic);
    const reading = readJson(payload, limits);
    const message = reading.ok ? reading.value : undefined;
    if (isJsonObject(message) && message["origin"] === origin) return;
    uplink.received();
    if (parsed === undefined) {
      uplink.rejected(
        topic.slice(0, 80),
        "invalid-topic",
        "expected iot/{device}/{kind} or sensors/{device}[/{metric}]",
      );
      return;
    }
    const isMetric = parsed.family === "sensors" && parsed.metric !== undefined;
    if (!reading.ok && !(isMetric && reading.reason === "malformed")) {
      uplink.rejected(parsed.device, reading.reason, reading.detail);
      return;
    }
    const device = this.#options.devices.of(parsed);
    if (isMetric) {
      const value = reading.ok ? message : textOf(payload);
      this.#one(parsed, value, { device, message: {}, receivedAt, isOld: delivery.retain });
    } else if (isJsonObject(message)) {
      this.#object(parsed, { device, message, receivedAt, isOld: delivery.retain });
    } else uplink.rejected(parsed.device, "malformed", "expected a JSON object");
  }

  #object(topic: UplinkTopic, received: Received): void {
    const { device, message } = received;
    const claimed = message["device_id"];
    if (claimed !== undefined && claimed !== device.name) {
      const detail = `a message of ${JSON.stringify(claimed).slice(0, 60)} on the topic of ${device.name}`;
      this.#options.uplink.rejected(device.name, "foreign-device", detail);
      return;
    }
    switch (topic.family === "iot" ? topic.kind : "sensors") {
      case "raw":
        this.#telemetry(received, message["measurements"]);
        break;
      case "sensors":
        this.#telemetry(received, message);
        break;
      case "trends":
        this.#trends(received);
        break;
      case "status":
        this.#status(received);
        break;
      case "reply":
        this.#reply(received);
    }
  }

  #telemetry(received: Received, measurements: unknown): void {
    const { device } = received;
    if (!isJsonObject(measurements)) {
      this.#options.uplink.rejected(device.name, "malformed", "no object measurements");
      return;
    }
    if (!this.#admit(received, measurements)) return;
    this.#values(received, (target) => {
      if (device.bindings !== undefined) this.#reader.read(measurements, device.bindings.root, target);
    });
  }

  /** One value on a topic of its own; what is no JSON is taken as text. */
  #one(topic: UplinkTopic, value: unknown, received: Received): void {
    const path = topic.family === "sensors" ? (topic.metric ?? "") : "";
    const message = isJsonObject(value) ? value : {};
    const content = Object.hasOwn(message, "value") ? message["value"] : value;
    const [root = ""] = path.split(".");
    if (!this.#admit({ ...received, message }, { [root]: content })) return;
    this.#values({ ...received, message }, (target) => {
      const { bindings } = received.device;
      if (bindings !== undefined) this.#reader.readOne(path, content, bindings.root, target);
    });
  }

  /** A status message says how the device is; of what it measures it says nothing. */
  #status(received: Received): void {
    const { device, message, isOld } = received;
    const { devices } = this.#options;
    const status = isJsonObject(message["status"]) ? message["status"] : {};
    if (!this.#admit(received, undefined)) return;
    if (status["online"] === false) {
      devices.left(
        device,
        this.#timeOf(received),
        isOld ? "it was offline before the host connected" : "it said goodbye",
      );
      this.#options.uplink.accepted(device.name);
      return;
    }
    this.#values(received, (target) => {
      if (device.bindings !== undefined) this.#reader.read(message, device.bindings.root, target);
    });
  }

  #trends(received: Received): void {
    const { device, message, receivedAt, isOld } = received;
    const { uplink, devices } = this.#options;
    const entries = message["trends"];
    if (!Array.isArray(entries)) {
      uplink.rejected(device.name, "malformed", "no list trends");
      return;
    }
    if (!this.#admit(received, undefined) || device.record === undefined || device.bindings === undefined) return;
    this.#batch.reset(receivedAt);
    const { problem } = readTrends(entries, device.bindings, this.#batch);
    if (!isOld) devices.heard(device, receivedAt);
    if (this.#batch.size > 0) uplink.samples(device.record, this.#batch);
    if (problem !== undefined) uplink.flawed(device.name, "unknown-point", problem);
    uplink.accepted(device.name);
  }

  #reply({ device, message, receivedAt, isOld }: Received): void {
    const { uplink, devices } = this.#options;
    const reply = replyOf(message, receivedAt);
    if (device.record === undefined) uplink.rejected(device.name, "unknown-device", "a reply of a device not admitted");
    else if (reply === undefined) uplink.rejected(device.name, "malformed", "a reply without accepted or status");
    else {
      if (!isOld) {
        devices.heard(device, receivedAt);
        uplink.acknowledged(device.record, reply);
      }
      uplink.accepted(device.name);
    }
  }

  #admit(received: Received, body: JsonObject | undefined): boolean {
    const { device, message } = received;
    const type = message["device_type"];
    const declaredType = typeof type === "string" && type !== "" ? type.slice(0, 128) : undefined;
    return this.#options.devices.admit(device, { declaredType, body, at: received.receivedAt });
  }

  #values(received: Received, fill: (target: ReadingTarget) => void): void {
    const { device, receivedAt, isOld } = received;
    const { uplink, devices } = this.#options;
    const time = this.#timeOf(received);
    const flags = isOld ? SampleFlag.historical : SampleFlag.none;
    this.#batch.reset(receivedAt);
    fill({ batch: this.#batch, taking: { time, flags, quality: Quality.good }, unmapped: device.unmapped });
    if (!isOld) devices.heard(device, receivedAt);
    if (device.record !== undefined && this.#batch.size > 0) uplink.samples(device.record, this.#batch);
    if (this.#reader.wrong > 0) uplink.flawed(device.name, "wrong-type", this.#reader.firstWrong);
    uplink.accepted(device.name);
    if (!isOld) devices.offerMore(device, time);
  }

  /** The device's time, else that of receipt. */
  #timeOf({ device, message, receivedAt }: Received): EpochMs {
    const stamp = message["timestamp"];
    if (stamp === undefined || stamp === null) return receivedAt;
    const time = epochMsOf(stamp);
    if (time === undefined) {
      this.#options.uplink.flawed(
        device.name,
        "wrong-clock",
        `timestamp ${JSON.stringify(stamp).slice(0, 40)} is no time`,
      );
    }
    return time ?? receivedAt;
  }
}

function textOf(payload: Uint8Array): string {
  return Buffer.from(payload.buffer, payload.byteOffset, Math.min(payload.length, 256)).toString("utf8");
}
