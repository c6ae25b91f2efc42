import { wireType } from "../wire-package.ts";
import { effectOf, MqttDevice, parametersBy, type Values } from "./scripted-device.ts";

const commands = new Map([
  ["trip", "Trip"],
  ["close", "Close"],
  ["self_test", "SelfTest"],
]);

/** Parameter names by legacy path: there the breaker's objects have other ids. */
const addresses = new Map(
  [...parametersBy("lwm2m")].map(([path, name]) => [
    name,
    path.replace("/42769/", "/3200/").replace("/42770/", "/3201/"),
  ]),
);

interface Order {
  readonly command: string;
  readonly reason?: string;
  readonly settings?: Readonly<Record<string, { readonly value: number }>>;
  readonly id: string;
}

/** Speaks the legacy JSON dialect of LwM2M: registers, repeats everything with each update. */
export class Lwm2mLegacyDevice extends MqttDevice {
  readonly clientId = "device-lwm2m-legacy";

  async report(values: Values): Promise<void> {
    Object.assign(this.values, values);
    await this.#send("update", this.values);
  }

  async reportBad(parameter: string): Promise<void> {
    await this.#send("update", { ...this.values, [parameter]: "NaN" });
  }

  async reportGarbage(): Promise<void> {
    await this.publish("lwm2m/CB-1/update", "{nope");
  }

  async leave(): Promise<void> {
    await this.publish("lwm2m/CB-1/dereg", "");
  }

  protected async introduce(): Promise<void> {
    await this.subscribe("lwm2m/CB-1/cmd/#");
    await this.#send("reg", this.values);
  }

  protected hear(_topic: string, payload: Buffer): void {
    const order = JSON.parse(payload.toString()) as Order;
    const answer = async (accepted: boolean): Promise<void> => {
      const status = accepted ? { status: "accepted" } : { status: "rejected", reason: "blocked by interlocking" };
      await this.publish(`lwm2m/CB-1/resp/${order.command}`, JSON.stringify({ id: order.id, ...status }));
    };
    const setting = order.settings?.["ThermalPickup"];
    if (setting !== undefined) {
      this.take(`ThermalPickup=${setting.value}`, { ThermalPickup: setting.value }, answer);
      return;
    }
    const command = commands.get(order.command) ?? "";
    this.take(`${command}(${order.reason ?? ""})`, effectOf(command), answer);
  }

  async #send(kind: "reg" | "update", values: Values): Promise<void> {
    const objects: Record<string, Record<string, Record<string, unknown>>> = { "3": { "0": { "17": wireType } } };
    for (const [name, value] of Object.entries(values)) {
      const [, object = "", instance = "", resource = ""] = (addresses.get(name) ?? "").split("/");
      ((objects[object] ??= {})[instance] ??= {})[resource] = value;
    }
    await this.publish(
      `lwm2m/CB-1/${kind}`,
      JSON.stringify({ endpoint: "CB-1", lifetime: 3_600, version: "1.2", objects }),
    );
  }
}
