import type { IClientOptions } from "mqtt";
import sparkplug from "sparkplug-payload";
import { wirePackage, wireType } from "../wire-package.ts";
import { effectOf, MqttDevice, parametersBy, type Values } from "./scripted-device.ts";

const codec = (() => {
  const found = sparkplug.get("spBv1.0");
  if (found === null) throw new Error("sparkplug-payload knows no spBv1.0");
  return found;
})();

type Metric = NonNullable<Parameters<typeof codec.encodePayload>[0]["metrics"]>[number];

const addresses = new Map([...parametersBy("sparkplug")].map(([address, name]) => [name, address]));
const dataTypes = new Map(wirePackage.parameters.map(({ name, dataType }) => [name, dataType]));
const commands = ["Trip", "Close", "SelfTest"];

/** Speaks Sparkplug B with the Tahu codec: edge node `panel-1` in group `Test` with the device `CB-1`. */
export class SparkplugDevice extends MqttDevice {
  readonly clientId = "device-sparkplug";
  #seq = 0;
  #bdSeq = 0;

  async report(values: Values): Promise<void> {
    Object.assign(this.values, values);
    await this.#data(this.#metricsOf(values));
  }

  async reportBad(parameter: string): Promise<void> {
    const [metric] = this.#metricsOf({ [parameter]: this.values[parameter] ?? 0 });
    const properties = { Quality: { type: "Int32" as const, value: 0 } };
    if (metric !== undefined) await this.#data([{ ...metric, properties }]);
  }

  async reportGarbage(): Promise<void> {
    await this.publish("spBv1.0/Test/DDATA/panel-1/CB-1", "nonsense");
  }

  async leave(): Promise<void> {
    await this.publish("spBv1.0/Test/DDEATH/panel-1/CB-1", this.#payload([], this.#nextSeq()));
  }

  protected override connectOptions(): IClientOptions {
    const metrics: Metric[] = [{ name: "bdSeq", type: "Int64", value: 0 }];
    const payload = Buffer.from(codec.encodePayload({ timestamp: this.now, metrics }));
    return { will: { topic: "spBv1.0/Test/NDEATH/panel-1", payload, qos: 1, retain: false } };
  }

  protected async introduce(): Promise<void> {
    await this.subscribe("spBv1.0/Test/NCMD/panel-1", "spBv1.0/Test/DCMD/panel-1/CB-1");
    this.#seq = 0;
    const node: Metric[] = [
      { name: "bdSeq", type: "Int64", value: this.#bdSeq },
      { name: "Node Control/Rebirth", type: "Boolean", value: false },
    ];
    await this.publish("spBv1.0/Test/NBIRTH/panel-1", this.#payload(node, this.#nextSeq()));
    const device: Metric[] = [
      { name: "Device/Type", type: "String", value: wireType },
      ...this.#metricsOf(this.values),
      ...commands.map((name): Metric => ({ name: `Command/${name}`, type: "Boolean", value: false })),
      { name: "Command/Reason", type: "String", value: "" },
      { name: "Command/Id", type: "Int64", value: 0 },
      { name: "Command/LastId", type: "Int64", value: 0 },
      { name: "Command/LastResult", type: "Int32", value: 0 },
      { name: "Command/LastReason", type: "String", value: "" },
    ];
    await this.publish("spBv1.0/Test/DBIRTH/panel-1/CB-1", this.#payload(device, this.#nextSeq()));
  }

  protected hear(topic: string, payload: Buffer): void {
    const metrics = codec.decodePayload(payload).metrics ?? [];
    if (topic.includes("/NCMD/")) {
      this.introduce().catch(() => undefined);
      return;
    }
    const valueOf = (name: string): unknown => metrics.find((metric) => metric.name === name)?.value;
    const id = Number(valueOf("Command/Id"));
    const answer = (accepted: boolean): Promise<void> => this.#answer(id, accepted);
    const pickup = valueOf("Protection/ThermalPickup");
    if (pickup !== undefined) {
      this.take(`ThermalPickup=${Number(pickup)}`, { ThermalPickup: Number(pickup) }, answer);
      return;
    }
    const command = commands.find((name) => valueOf(`Command/${name}`) === true) ?? "";
    const reason = valueOf("Command/Reason");
    this.take(`${command}(${typeof reason === "string" ? reason : ""})`, effectOf(command), answer);
  }

  async #answer(id: number, accepted: boolean): Promise<void> {
    await this.#data([
      { name: "Command/LastId", type: "Int64", value: id },
      { name: "Command/LastResult", type: "Int32", value: accepted ? 0 : 10 },
      { name: "Command/LastReason", type: "String", value: accepted ? "" : "blocked by interlocking" },
    ]);
  }

  async #data(metrics: Metric[]): Promise<void> {
    await this.publish("spBv1.0/Test/DDATA/panel-1/CB-1", this.#payload(metrics, this.#nextSeq()));
  }

  #metricsOf(values: Values): Metric[] {
    return Object.entries(values).map(([name, value]): Metric => {
      const dataType = dataTypes.get(name);
      const type =
        dataType === "string"
          ? "String"
          : dataType === "boolean"
            ? "Boolean"
            : dataType === "int32"
              ? "Int32"
              : "Float";
      return { name: addresses.get(name) ?? name, type, value, timestamp: this.now };
    });
  }

  #payload(metrics: Metric[], seq: number): Uint8Array {
    return codec.encodePayload({ timestamp: this.now, metrics, seq });
  }

  #nextSeq(): number {
    const seq = this.#seq;
    this.#seq = (seq + 1) % 256;
    return seq;
  }
}
