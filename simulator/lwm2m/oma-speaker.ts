import type { Will } from "#simulator/fleet/broker-link.ts";
import type { SimulatedDevice } from "#simulator/fleet/simulated-device.ts";
import type { Speaker, SpeakerContext } from "#simulator/fleet/speaker.ts";
import type { Random } from "#simulator/random.ts";
import { type ContentFormat, contentFormats, encodeReadings } from "./content.ts";
import { registrationLifetimeS } from "./objects.ts";
import {
  decodeOma,
  encodeOma,
  linkFormat,
  type OmaMessage,
  operation,
  result,
  type Token,
  tokenText,
} from "./oma-message.ts";
import { parsePath, readAt, registrationLinks } from "./oma-model.ts";
import { type Answer, OmaResponder, pathsOf } from "./oma-responder.ts";

interface Observation {
  readonly token: Token;
  readonly paths: readonly string[];
  readonly pmaxMs: number;
  told: string;
  toldMs: number;
}

/** Formats that devices prefer; a server has to take them all. */
const preferredFormats: readonly ContentFormat[] = [
  contentFormats.senmlCbor,
  contentFormats.senmlJson,
  contentFormats.tlv,
];

/** Half of the lifetime: one lost Update does no harm. */
const updateMs = 500 * registrationLifetimeS;

/** A breaker that speaks the OMA MQTT binding of LwM2M 1.2: CBOR maps in both directions on `lwm2m/rd/{endpoint}`. */
export class OmaLwM2mSpeaker implements Speaker {
  readonly protocol = "lwm2m-oma";
  readonly name: string;
  readonly devices: readonly SimulatedDevice[];
  readonly subscriptions: readonly string[];
  readonly #device: SimulatedDevice;
  readonly #context: SpeakerContext;
  readonly #responder: OmaResponder;
  readonly #observations = new Map<string, Observation>();
  #nextToken = 0x10000;
  #registerToken = 0;
  #updateToken = 0;
  #updateDueMs = Number.POSITIVE_INFINITY;

  /** `random` selects one of the preferred content formats. */
  constructor(device: SimulatedDevice, random: Random, context: SpeakerContext) {
    this.#device = device;
    this.#context = context;
    const format = preferredFormats[Math.floor(random.between(0, preferredFormats.length))];
    this.#responder = new OmaResponder(device, format ?? contentFormats.senmlCbor);
    this.name = device.id;
    this.devices = [device];
    this.subscriptions = [this.#topic];
  }

  connected(): void {
    if (!this.#device.isLost) this.#register();
  }

  farewell(): Will {
    return { topic: this.#topic, payload: encodeOma({ operation: operation.deregister, token: this.#token() }) };
  }

  message(_topic: string, payload: Uint8Array): void {
    const message = decodeOma(payload);
    if (message === undefined || this.#device.isLost) return;
    if (message.result !== undefined) this.#heard(message);
    // Our own register, update, notify and send come back on the shared topic.
    else if (isServerOperation(message.operation) && !this.#device.isSilent) this.#serve(message);
  }

  reportChanges(): void {
    this.#notify();
  }

  reportDue(): number {
    if (!this.#device.isLost) {
      if (this.#context.wallMs() >= this.#updateDueMs) this.#update();
      this.#notify();
    }
    return this.#context.periodMs;
  }

  /** Load mode: a Send with the whole power meter. */
  reportAll(): void {
    const path = parsePath("/10242/0");
    const readings = path === undefined ? undefined : readAt(this.#device, path);
    if (readings === undefined || this.#device.isLost) return;
    const format = contentFormats.senmlCbor;
    const payload = encodeReadings(readings, "/10242/0", format);
    this.#publish(encodeOma({ operation: operation.send, token: this.#token(), payload, format }));
  }

  setLost(_device: SimulatedDevice, isLost: boolean): void {
    if (!isLost) this.connected();
  }

  #register(): void {
    this.#observations.clear();
    this.#registerToken = this.#token();
    this.#updateDueMs = Number.POSITIVE_INFINITY;
    this.#publish(
      encodeOma({
        operation: operation.register,
        token: this.#registerToken,
        endpoint: this.#device.id,
        payload: Buffer.from(registrationLinks()),
        lifetime: registrationLifetimeS,
        version: "1.2",
        binding: "M",
        format: linkFormat,
      }),
    );
  }

  #update(): void {
    this.#updateToken = this.#token();
    this.#updateDueMs = this.#context.wallMs() + updateMs;
    this.#publish(encodeOma({ operation: operation.update, token: this.#updateToken }));
  }

  #heard({ token, result: code }: OmaMessage): void {
    if (token === this.#registerToken && code === result.created) this.#updateDueMs = this.#context.wallMs() + updateMs;
    else if (token === this.#updateToken && code === result.notFound) this.#register();
  }

  #serve(message: OmaMessage): void {
    const { code, payload, format } = this.#answer(message);
    this.#publish(encodeOma({ token: message.token, result: code, payload, format }));
    this.#context.commanded(this.#device);
  }

  #answer(message: OmaMessage): Answer {
    switch (message.operation) {
      case operation.observe:
      case operation.observeComposite:
        return this.#observe(message);
      case operation.cancel:
        this.#observations.delete(tokenText(message.token));
        return { code: result.changed };
      default:
        return this.#responder.answer(message);
    }
  }

  #observe(message: OmaMessage): Answer {
    const { token, pmax } = message;
    const paths = pathsOf(message);
    const answer = this.#responder.read(paths);
    if (answer.code !== result.content) return answer;
    const pmaxMs = (pmax ?? Number.POSITIVE_INFINITY) * 1000;
    this.#observations.set(tokenText(token), {
      token,
      paths,
      pmaxMs,
      told: textOf(answer),
      toldMs: this.#context.wallMs(),
    });
    return answer;
  }

  #notify(): void {
    if (this.#device.isLost) return;
    const nowMs = this.#context.wallMs();
    for (const observation of this.#observations.values()) {
      const answer = this.#responder.read(observation.paths);
      const told = textOf(answer);
      if (told === observation.told && nowMs - observation.toldMs < observation.pmaxMs) continue;
      observation.told = told;
      observation.toldMs = nowMs;
      const { payload, format } = answer;
      this.#publish(encodeOma({ operation: operation.notify, token: observation.token, payload, format }));
    }
  }

  #token(): number {
    this.#nextToken += 1;
    return this.#nextToken;
  }

  #publish(payload: Buffer): void {
    this.#context.send({ topic: this.#topic, payload, qos: 1 }, this.#device);
  }

  get #topic(): string {
    return `lwm2m/rd/${this.#device.id}`;
  }
}

function isServerOperation(code: number | undefined): boolean {
  return code !== undefined && code >= operation.read && code <= operation.cancel;
}

function textOf({ payload }: Answer): string {
  return payload?.toString("base64") ?? "";
}
