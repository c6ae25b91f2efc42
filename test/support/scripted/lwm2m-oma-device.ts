import { type CborValue, decodeCbor, encodeCbor, isCborArray, isCborMap } from "#simulator/lwm2m/cbor.ts";
import { wireType } from "../wire-package.ts";
import { effectOf, MqttDevice, parametersBy, type Values } from "./scripted-device.ts";

const topic = "lwm2m/rd/CB-1";
const commands = new Map([
  ["/42769/0/50", "Trip"],
  ["/42769/0/51", "Close"],
  ["/42769/0/53", "SelfTest"],
]);
const addresses = new Map([...parametersBy("lwm2m")].map(([path, name]) => [name, path]));

type Fields = Readonly<Record<number, CborValue | undefined>>;
type Message = ReadonlyMap<number | string, CborValue>;

function encoded(fields: Fields): Buffer {
  const entries = Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : [[Number(key), value] as const],
  );
  return encodeCbor(new Map(entries));
}

/** Speaks the OMA MQTT binding with the simulator's CBOR: registers, answers, notifies. */
export class Lwm2mOmaDevice extends MqttDevice {
  readonly clientId = "device-lwm2m-oma";
  /** Tokens of observations by object instance. */
  readonly #observed = new Map<string, CborValue>();
  readonly #own: string[] = [];
  #introduced = Promise.withResolvers<void>();
  #token = 0;

  async report(values: Values): Promise<void> {
    Object.assign(this.values, values);
    await this.#notify(Object.entries(values).map(([name, value]) => [addresses.get(name) ?? "", value] as const));
  }

  async reportBad(parameter: string): Promise<void> {
    const path = addresses.get(parameter) ?? "";
    const quality = `${path.slice(0, path.lastIndexOf("/"))}/6042`;
    await this.#notify([
      [path, this.values[parameter] ?? 0],
      [quality, 1],
    ]);
  }

  async reportGarbage(): Promise<void> {
    await this.publish(topic, "nonsense");
  }

  async leave(): Promise<void> {
    await this.#say({ 1: 8, 2: this.#nextToken() });
  }

  protected async introduce(): Promise<void> {
    this.#introduced = Promise.withResolvers<void>();
    this.#observed.clear();
    await this.subscribe(topic);
    const links = Buffer.from("</1/0>,</3/0>,</42769/0>,</42770/0>");
    await this.#say({ 1: 6, 2: this.#nextToken(), 3: "CB-1", 7: links, 8: 3_600, 9: "1.2", 10: "M", 19: 40 });
    await this.#introduced.promise;
  }

  protected hear(_topic: string, payload: Buffer): void {
    const at = this.#own.indexOf(payload.toString("latin1"));
    if (at >= 0) {
      this.#own.splice(at, 1);
      return;
    }
    const message = decodeCbor(payload);
    if (isCborMap(message) && message.has(1)) this.#request(message);
  }

  #request(message: Message): void {
    const uri = message.get(5);
    if (typeof uri !== "string") throw new Error("a request without uri");
    switch (message.get(1)) {
      case 9:
      case 20:
        this.#read(message, uri);
        break;
      case 12:
        this.#write(message);
        break;
      case 16:
        this.#execute(message, uri);
        break;
      default:
        this.#answer(message, 405).catch(() => undefined);
    }
  }

  #read(message: Message, uri: string): void {
    const all = [
      ...Object.entries(this.values).map(([name, value]) => [addresses.get(name) ?? "", value] as const),
      ["/3/0/17", wireType] as const,
    ];
    const found = all.filter(([path]) => path === uri || path.startsWith(`${uri}/`));
    const isObserve = message.get(1) === 20;
    if (isObserve) this.#observed.set(uri, message.get(2) ?? 0);
    this.#say({ 18: 205, 2: message.get(2), 7: packOf(found), 19: 112 })
      .then(() => {
        if (this.#observed.size === 2) this.#introduced.resolve();
      })
      .catch(() => undefined);
  }

  #write(message: Message): void {
    const payload = message.get(7);
    const pack = payload instanceof Uint8Array ? decodeCbor(payload) : undefined;
    const [record] = isCborArray(pack) ? pack : [];
    const value = isCborMap(record) ? Number(record.get(2)) : Number.NaN;
    this.take(`ThermalPickup=${value}`, { ThermalPickup: value }, (accepted) =>
      this.#answer(message, accepted ? 204 : 403),
    );
  }

  #execute(message: Message, uri: string): void {
    const command = commands.get(uri) ?? "";
    const payload = message.get(7);
    const text = payload instanceof Uint8Array ? Buffer.from(payload).toString() : "";
    const [, reason = ""] = /^0='(.*)'$/.exec(text) ?? [];
    this.take(`${command}(${reason})`, effectOf(command), (accepted) => this.#answer(message, accepted ? 204 : 403));
  }

  async #answer(message: Message, result: number): Promise<void> {
    const text = result === 204 ? undefined : Buffer.from("blocked by interlocking");
    await this.#say({ 18: result, 2: message.get(2), 7: text, 19: text === undefined ? undefined : 0 });
  }

  async #notify(values: readonly (readonly [path: string, value: number | string | boolean])[]): Promise<void> {
    for (const [uri, token] of this.#observed) {
      const below = values.filter(([path]) => path.startsWith(`${uri}/`));
      if (below.length > 0) await this.#say({ 1: 23, 2: token, 7: packOf(below), 19: 112 });
    }
  }

  async #say(fields: Fields): Promise<void> {
    const bytes = encoded(fields);
    this.#own.push(bytes.toString("latin1"));
    await this.publish(topic, bytes);
  }

  #nextToken(): number {
    this.#token += 1;
    return this.#token;
  }
}

/** SenML CBOR. */
function packOf(values: readonly (readonly [path: string, value: number | string | boolean])[]): Buffer {
  return encodeCbor(
    values.map(
      ([path, value]) =>
        new Map<number, CborValue>([
          [0, path],
          [typeof value === "string" ? 3 : typeof value === "boolean" ? 4 : 2, value],
        ]),
    ),
  );
}
