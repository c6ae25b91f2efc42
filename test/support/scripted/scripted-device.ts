import { setTimeout as sleep } from "node:timers/promises";
import { connect, type IClientOptions, type MqttClient } from "mqtt";
import { wirePackage } from "../wire-package.ts";

/** What a device reports, by the names of the test package's parameters. */
export type Values = Readonly<Record<string, number | string | boolean>>;

/** How it takes commands and settings. `late`: after the host has given up waiting. */
export type Behaviour = "obey" | "reject" | "silent" | "late" | "twice";

/** A breaker `CB-1` of the test package that speaks one protocol, and does what a test tells it. */
export interface ScriptedDevice extends AsyncDisposable {
  /** MQTT client id: who published what, as the broker sees it. */
  readonly clientId: string;
  behaviour: Behaviour;
  /** How far its clock is ahead (ms). */
  clockSkewMs: number;
  /** Commands and settings it was sent: `Trip(by hand)`, `ThermalPickup=200`. */
  readonly orders: readonly string[];
  /** Connects, introduces itself and reports all of its values. */
  join(): Promise<void>;
  report(values: Values): Promise<void>;
  /** Reports that it cannot measure this. */
  reportBad(parameter: string): Promise<void>;
  /** Publishes bytes that are no message where its data goes. */
  reportGarbage(): Promise<void>;
  /** Says goodbye in the protocol's way. */
  leave(): Promise<void>;
}

export const initialValues: Values = {
  CurrentPhaseA: 61.5,
  Position: 2,
  TripReason: "None",
  ActivePower: 40,
  Temperature: 43,
  ArcFaultDetected: false,
  TripCount: 3,
  ThermalPickup: 250,
  FirmwareVersion: "2.2.1",
};

/** Longer than any command of the test package waits. */
const lateMs = 1_100;

/** What all scripted devices have in common: an MQTT client, values, a clock, and how orders are carried out. */
export abstract class MqttDevice implements ScriptedDevice {
  abstract readonly clientId: string;
  behaviour: Behaviour = "obey";
  clockSkewMs = 0;
  readonly orders: string[] = [];
  protected values: Record<string, number | string | boolean> = { ...initialValues };
  readonly #url: string;
  #client: MqttClient | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  abstract report(values: Values): Promise<void>;
  abstract reportBad(parameter: string): Promise<void>;
  abstract reportGarbage(): Promise<void>;
  abstract leave(): Promise<void>;
  /** Subscribes and introduces itself; runs after each connect. */
  protected abstract introduce(): Promise<void>;
  protected abstract hear(topic: string, payload: Buffer): void;

  get now(): number {
    return Date.now() + this.clockSkewMs;
  }

  async join(): Promise<void> {
    if (this.#client?.connected === true) {
      await this.introduce();
      return;
    }
    const joined = Promise.withResolvers<void>();
    const client = connect(this.#url, { clientId: this.clientId, reconnectPeriod: 100, ...this.connectOptions() });
    this.#client = client;
    client.on("error", () => undefined);
    client.on("message", (topic, payload) => this.hear(topic, payload));
    client.on("connect", () => {
      this.introduce().then(joined.resolve, joined.reject);
    });
    await joined.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client?.endAsync(true);
  }

  protected connectOptions(): IClientOptions {
    return {};
  }

  protected async subscribe(...filters: string[]): Promise<void> {
    await this.client.subscribeAsync(filters, { qos: 1 });
  }

  protected async publish(topic: string, payload: Uint8Array | string, retain = false): Promise<void> {
    const bytes = Buffer.from(payload);
    await this.client.publishAsync(topic, bytes, { qos: 1, retain });
  }

  protected get client(): MqttClient {
    if (this.#client === undefined) throw new Error("not joined");
    return this.#client;
  }

  /** Carries an order out as the behaviour says; `answer` tells the host whether it is accepted. */
  protected take(order: string, effect: Values, answer: (accepted: boolean) => Promise<void>): void {
    this.orders.push(order);
    this.#carryOut(effect, answer).catch(() => undefined);
  }

  async #carryOut(effect: Values, answer: (accepted: boolean) => Promise<void>): Promise<void> {
    if (this.behaviour === "silent") return;
    if (this.behaviour === "reject") {
      await answer(false);
      return;
    }
    if (this.behaviour === "late") await sleep(lateMs);
    const times = this.behaviour === "twice" ? 2 : 1;
    for (let i = 0; i < times; i += 1) {
      await answer(true);
      await this.report(effect);
    }
  }
}

/** What a command does to the breaker. */
export function effectOf(command: string): Values {
  if (command === "Trip") return { Position: 1 };
  return command === "Close" ? { Position: 2 } : {};
}

/** Parameters by their address in a protocol. */
export function parametersBy(protocol: "sparkplug" | "json" | "lwm2m"): ReadonlyMap<string, string> {
  return new Map(
    wirePackage.parameters.flatMap(({ name, bindings }) => {
      const address = bindings[protocol]?.address;
      return address === undefined ? [] : [[address, name] as const];
    }),
  );
}
