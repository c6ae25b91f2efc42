import type { IClientOptions } from "mqtt";
import { wireType } from "../wire-package.ts";
import { effectOf, MqttDevice, parametersBy, type Values } from "./scripted-device.ts";

const commands = new Map([
  ["trip_breaker", "Trip"],
  ["close_breaker", "Close"],
  ["self_test", "SelfTest"],
]);

const addresses = new Map([...parametersBy("json")].map(([address, name]) => [name, address]));

interface Order {
  readonly command: string;
  readonly parameters?: { readonly reason?: string };
  readonly parameter?: string;
  readonly value?: number;
  readonly correlation_id: string;
  readonly reply_to: string;
}

/** Speaks MQTT JSON as documented: telemetry, status with Will, answers on the reply topic. */
export class JsonDevice extends MqttDevice {
  readonly clientId = "device-json";

  async report(values: Values): Promise<void> {
    Object.assign(this.values, values);
    await this.#telemetry(values);
  }

  async reportBad(parameter: string): Promise<void> {
    await this.#telemetry({ [parameter]: "NaN" });
  }

  async reportGarbage(): Promise<void> {
    await this.publish("iot/CB-1/raw", "{nope");
  }

  async leave(): Promise<void> {
    await this.publish("iot/CB-1/status", this.#status(false), true);
  }

  protected override connectOptions(): IClientOptions {
    const payload = Buffer.from(this.#status(false));
    return { will: { topic: "iot/CB-1/status", payload, qos: 1, retain: true } };
  }

  protected async introduce(): Promise<void> {
    await this.subscribe("iot/CB-1/command", "iot/CB-1/config");
    await this.publish("iot/CB-1/status", this.#status(true), true);
    await this.#telemetry(this.values);
  }

  protected hear(_topic: string, payload: Buffer): void {
    const order = JSON.parse(payload.toString()) as Order;
    const answer = async (accepted: boolean): Promise<void> => {
      const { correlation_id, reply_to, command } = order;
      const reply = {
        device_id: "CB-1",
        correlation_id,
        command,
        accepted,
        ...(accepted ? {} : { reason: "blocked by interlocking" }),
      };
      await this.publish(reply_to, JSON.stringify(reply));
    };
    if (order.command === "set_parameter") {
      this.take(`ThermalPickup=${order.value}`, { ThermalPickup: order.value ?? 0 }, answer);
      return;
    }
    const command = commands.get(order.command) ?? "";
    this.take(`${command}(${order.parameters?.reason ?? ""})`, effectOf(command), answer);
  }

  #status(online: boolean): string {
    return JSON.stringify({ device_id: "CB-1", device_type: wireType, event_type: "status", status: { online } });
  }

  async #telemetry(values: Values): Promise<void> {
    const root: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(values)) {
      // The wire carries watts.
      const wire = name === "ActivePower" && typeof value === "number" ? value * 1_000 : value;
      put(root, (addresses.get(name) ?? name).replace(/^measurements\./, "").split("."), wire);
    }
    const timestamp = new Date(this.now).toISOString();
    const message = {
      device_id: "CB-1",
      device_type: wireType,
      timestamp,
      event_type: "telemetry",
      measurements: root,
    };
    await this.publish("iot/CB-1/raw", JSON.stringify(message));
  }
}

function put(tree: Record<string, unknown>, [key = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    tree[key] = value;
    return;
  }
  const inner = (tree[key] ?? {}) as Record<string, unknown>;
  tree[key] = inner;
  put(inner, rest, value);
}
