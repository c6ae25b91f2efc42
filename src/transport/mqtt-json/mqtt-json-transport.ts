import type { Device } from "#fleet/device.ts";
import type { DeviceTransport, OutgoingWrite, TransportHealth, Uplink } from "#fleet/ports.ts";
import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import { defaultJsonLimits, type JsonLimits } from "#lib/read-json.ts";
import type { OutgoingCommand } from "#model/command.ts";
import { HostError } from "#model/errors.ts";
import type { SampleBatch } from "#model/sample-batch.ts";
import type { BrokerLink, OpenLink } from "#transport/shared/broker-link.ts";
import { commandMessage, writeMessage } from "./command-message.ts";
import { type DetectionRule, defaultDetectionRules } from "./detect-type.ts";
import { JsonDevices } from "./json-devices.ts";
import { MessageReader } from "./message-reader.ts";
import { mirrorMessage } from "./mirror-message.ts";
import { commandTopic, configTopic, replyTopic, telemetryTopic, uplinkFilters } from "./topic.ts";
import type { UnmappedField } from "./unmapped-fields.ts";

export interface MqttJsonTransportOptions {
  /** The broker: `ownLink({..})`, or `join` of a SharedBroker. */
  readonly connect: OpenLink;
  /** Names this host in messages that it mirrors, e.g. the MQTT client id. */
  readonly hostId: string;
  /** How types are detected that devices do not declare. Default: the documented rules. */
  readonly detectionRules?: readonly DetectionRule[] | undefined;
  /** Longest silence of a device whose package says nothing about it. Default 30,000 ms. */
  readonly silenceMs?: number | undefined;
  /** Devices that are admitted at most. Default 20,000. */
  readonly maxDevices?: number | undefined;
  readonly limits?: Partial<JsonLimits> | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Running {
  readonly link: BrokerLink;
  readonly devices: JsonDevices;
}

/** Devices that publish JSON: `iot/{id}/raw|trends|status` and `sensors/{id}[/{metric}]`, commands on `iot/{id}/command`. */
export class MqttJsonTransport implements DeviceTransport {
  readonly protocol = "json";
  readonly #options: MqttJsonTransportOptions;
  #running: Running | undefined;

  constructor(options: MqttJsonTransportOptions) {
    this.#options = options;
  }

  start(uplink: Uplink): Promise<void> {
    if (this.#running === undefined) {
      this.#running = this.#assemble(uplink);
      this.#running.link.start();
    }
    return Promise.resolve();
  }

  /**
   * Publishes the command on `iot/{id}/command` (QoS 1). Devices that know how answer on `iot/{id}/reply` with the
   * correlation id; that answer goes to `Uplink.acknowledged`.
   */
  async send(device: Device, command: OutgoingCommand, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw new HostError("cancelled", `${command.spec.name} of ${device.id} was cancelled`);
    const name = nameIn(device);
    const dispatch = { device: device.id, replyTo: replyTopic(name), at: this.#options.clock.now() };
    await this.#publish(commandTopic(name), commandMessage(command, dispatch));
  }

  /** Publishes the new value on `iot/{id}/config` (QoS 1); answered as a command is. */
  async write(device: Device, write: OutgoingWrite, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw new HostError("cancelled", `${write.parameter.name} of ${device.id} was cancelled`);
    const name = nameIn(device);
    const dispatch = { device: device.id, replyTo: replyTopic(name), at: this.#options.clock.now() };
    await this.#publish(configTopic(name), writeMessage(write, dispatch));
  }

  /** Publishes samples of another protocol as telemetry, for whoever listens to `iot/+/raw`. */
  mirror(device: Device, batch: SampleBatch): void {
    const message = mirrorMessage(device, batch, this.#options.hostId);
    if (message === undefined) return;
    this.#publish(telemetryTopic(device.id), message).catch((error: unknown) => {
      this.#options.log.debug({ device: device.id, err: error }, "not mirrored");
    });
  }

  readmit(address: string): void {
    this.#running?.devices.readmit(address);
  }

  /** What a device sends beyond what its package binds, newest values. */
  unmapped(device: Device): ReadonlyMap<string, UnmappedField> {
    return new Map(this.#running?.devices.find(device.address)?.unmapped.entries());
  }

  health(): TransportHealth {
    const link = this.#running?.link;
    if (link === undefined) return { connected: false, detail: "MQTT JSON: not started" };
    return { connected: link.isUp, detail: link.detail, nextAttemptAt: link.nextAttemptAt };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    await running.link.stop();
    running.devices.lost("the host is stopping");
    running.devices[Symbol.dispose]();
  }

  #assemble(uplink: Uplink): Running {
    const { clock, connect, hostId, limits } = this.#options;
    const devices = new JsonDevices({
      uplink,
      clock,
      detectionRules: this.#options.detectionRules ?? defaultDetectionRules,
      silenceMs: this.#options.silenceMs ?? 30_000,
      maxDevices: this.#options.maxDevices ?? 20_000,
    });
    const reader = new MessageReader({ uplink, devices, limits: { ...defaultJsonLimits, ...limits }, origin: hostId });
    const link = connect({
      greet: (session) => session.subscribe(uplinkFilters.map((filter) => ({ filter, qos: 1 }))),
      message: (topic, payload, delivery) => reader.read(topic, payload, delivery, clock.now()),
      lost: (cause) => devices.lost(`broker connection lost: ${cause}`),
    });
    return { link, devices };
  }

  async #publish(topic: string, payload: string): Promise<void> {
    if (this.#running === undefined) throw new HostError("command-not-sent", `${topic} was not sent: not started`);
    await this.#running.link.publish({ topic, payload, qos: 1, retain: false });
  }
}

/** The id in a device's topics; throws `command-not-sent` for the family that takes no commands. */
function nameIn(device: Device): string {
  const [family, name] = device.address.split("/");
  if (family === "iot" && name !== undefined) return name;
  throw new HostError("command-not-sent", `${device.id}: devices at ${device.address} take no commands`);
}
