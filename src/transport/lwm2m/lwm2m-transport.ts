import type { Device } from "#fleet/device.ts";
import type { DeviceTransport, OutgoingWrite, TransportHealth, Uplink } from "#fleet/ports.ts";
import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import { defaultJsonLimits, type JsonLimits } from "#lib/read-json.ts";
import type { OutgoingCommand } from "#model/command.ts";
import { HostError } from "#model/errors.ts";
import { type ObjectModel, ObjectModels } from "#transport/lwm2m/core/object-model.ts";
import { standardObjects } from "#transport/lwm2m/core/standard-objects.ts";
import { LegacyDialect } from "#transport/lwm2m/legacy/legacy-dialect.ts";
import { OmaDialect } from "#transport/lwm2m/oma/oma-dialect.ts";
import type { BrokerLink, OpenLink } from "#transport/shared/broker-link.ts";
import type { Delivery, OutgoingMessage, Subscription } from "#transport/shared/broker-session.ts";
import type { Dialect, ReadValue } from "./dialect.ts";

export interface Lwm2mTransportOptions {
  /** The broker: `ownLink({..})`, or `join` of a SharedBroker. */
  readonly connect: OpenLink;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  /** Which of them are spoken. Default both. */
  readonly dialects?: readonly ("legacy" | "oma")[] | undefined;
  /** Topic prefix of the OMA binding, e.g. `plant-1/`. Default none. */
  readonly prefix?: string | undefined;
  /** Object models beyond the standard ones and our own. */
  readonly objects?: readonly ObjectModel[] | undefined;
  /** Legacy dialect: longest silence of a device whose package says nothing about it. Default 60,000 ms. */
  readonly silenceMs?: number | undefined;
  /** OMA binding: a client that always listens is asked whether it lives after this silence. Default 60,000 ms. */
  readonly probeMs?: number | undefined;
  /** How long a device may take to answer a request that is no command. Default 10,000 ms. */
  readonly answerTimeoutMs?: number | undefined;
  /** Legacy dialect: type of a device that declares none, by an object it has. Default `3200`: `smart_breaker`. */
  readonly typeByObject?: Readonly<Record<string, string>> | undefined;
  /** Devices that are admitted at most, in each dialect. Default 20,000. */
  readonly maxDevices?: number | undefined;
  readonly limits?: Partial<JsonLimits> | undefined;
}

interface Running {
  readonly link: BrokerLink;
  readonly dialects: readonly Dialect[];
}

/** LwM2M devices over MQTT, in the OMA binding and in the older JSON dialect. */
export class Lwm2mTransport implements DeviceTransport {
  readonly protocol = "lwm2m";
  readonly #options: Lwm2mTransportOptions;
  #running: Running | undefined;

  constructor(options: Lwm2mTransportOptions) {
    this.#options = options;
  }

  start(uplink: Uplink): Promise<void> {
    if (this.#running === undefined) {
      this.#running = this.#assemble(uplink);
      this.#running.link.start();
    }
    return Promise.resolve();
  }

  async send(device: Device, command: OutgoingCommand, signal: AbortSignal): Promise<void> {
    await this.#dialectOf(device).send(device, command, signal);
  }

  async write(device: Device, write: OutgoingWrite, signal: AbortSignal): Promise<void> {
    await this.#dialectOf(device).write(device, write, signal);
  }

  /**
   * Asks the device itself for what is at a path (a resource, an instance or an object). Throws `argument-invalid`,
   * `command-not-sent`, `command-rejected` (the device refused) or `command-unconfirmed` (it did not answer).
   */
  async read(device: Device, path: string, signal: AbortSignal): Promise<readonly ReadValue[]> {
    return this.#dialectOf(device).read(device, path, signal);
  }

  readmit(address: string): void {
    this.#running?.dialects.find((dialect) => dialect.carries(address))?.readmit(address);
  }

  health(): TransportHealth {
    const link = this.#running?.link;
    if (link === undefined) return { connected: false, detail: "LwM2M: not started" };
    return { connected: link.isUp, detail: link.detail, nextAttemptAt: link.nextAttemptAt };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    await running.link.stop();
    for (const dialect of running.dialects) {
      dialect.lost("the host is stopping");
      dialect[Symbol.dispose]();
    }
  }

  #dialectOf(device: Device): Dialect {
    const dialect = this.#running?.dialects.find((candidate) => candidate.carries(device.address));
    if (dialect !== undefined) return dialect;
    throw new HostError("command-not-sent", `${device.id}: no LwM2M binding carries ${device.address}`);
  }

  #assemble(uplink: Uplink): Running {
    const { connect, clock, prefix = "" } = this.#options;
    const dialects = this.#openDialects(uplink);
    const omaRoot = `${prefix}lwm2m/rd/`;
    // The topics of both overlap (`lwm2m/+/reg` fits `lwm2m/rd/reg`): the segment decides, not the subscription.
    const route = (topic: string): Dialect | undefined => {
      const isOma = topic.startsWith(omaRoot);
      return dialects.find((dialect) => dialect instanceof OmaDialect === isOma);
    };
    const link = connect({
      greet: (session) =>
        session.subscribe(dialects.flatMap((dialect) => dialect.filters().map((filter) => ({ filter, qos: 1 })))),
      message: (topic: string, payload: Uint8Array, delivery: Delivery) => {
        route(topic)?.message(topic, payload, delivery, clock.now());
      },
      up: () => {
        for (const dialect of dialects) dialect.up?.();
      },
      lost: (cause) => {
        for (const dialect of dialects) dialect.lost(cause);
      },
    });
    return { link, dialects };
  }

  #openDialects(uplink: Uplink): Dialect[] {
    const { clock, log, random, dialects = ["legacy", "oma"], prefix = "", objects = [], limits } = this.#options;
    const { maxDevices = 20_000, probeMs = 60_000, silenceMs = 60_000, answerTimeoutMs = 10_000 } = this.#options;
    const publish = (message: OutgoingMessage): Promise<void> => this.#publish(message);
    const open: Dialect[] = [];
    if (dialects.includes("oma")) {
      const models = new ObjectModels([...standardObjects, ...objects]);
      const oma = { uplink, clock, random, log, publish, prefix, models, probeMs, answerTimeoutMs };
      open.push(new OmaDialect({ ...oma, maxClients: maxDevices }));
    }
    if (dialects.includes("legacy")) {
      const typeByObject = new Map(Object.entries(this.#options.typeByObject ?? { "3200": "smart_breaker" }));
      const subscribe = (subscriptions: readonly Subscription[]): Promise<void> => this.#link.subscribe(subscriptions);
      const legacy = { uplink, clock, log, publish, subscribe, silenceMs, maxDevices, typeByObject, answerTimeoutMs };
      open.push(new LegacyDialect({ ...legacy, limits: { ...defaultJsonLimits, ...limits } }));
    }
    return open;
  }

  get #link(): BrokerLink {
    if (this.#running === undefined) throw new HostError("command-not-sent", "LwM2M: not started");
    return this.#running.link;
  }

  async #publish(message: OutgoingMessage): Promise<void> {
    await this.#link.publish(message);
  }
}
