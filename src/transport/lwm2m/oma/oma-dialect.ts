import type { Device } from "#fleet/device.ts";
import type { OutgoingWrite, RejectionReason, Uplink } from "#fleet/ports.ts";
import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import type { OutgoingCommand } from "#model/command.ts";
import { HostError } from "#model/errors.ts";
import { type EpochMs, isDeviceId } from "#model/ids.ts";
import type { ObjectModels } from "#transport/lwm2m/core/object-model.ts";
import { Observations } from "#transport/lwm2m/core/observations.ts";
import { type Path, pathOf, pathText } from "#transport/lwm2m/core/path.ts";
import { isQueueMode, type Registration, Registrations } from "#transport/lwm2m/core/registrations.ts";
import { isSuccess, ResultCode, resultText } from "#transport/lwm2m/core/result-code.ts";
import type { Dialect, ReadValue } from "#transport/lwm2m/dialect.ts";
import type { Delivery, OutgoingMessage } from "#transport/shared/broker-session.ts";
import { contentOf } from "./content.ts";
import { type Question, questionsFor } from "./introduction.ts";
import { decodeOmaMessage, maxMessageBytes, type OmaMessage, Operation } from "./message.ts";
import type { OmaClient } from "./oma-client.ts";
import { OmaClients } from "./oma-clients.ts";
import { OmaControl } from "./oma-control.ts";
import { OmaWire } from "./oma-wire.ts";
import { type Refusal, registerRequestOf, updateRequestOf } from "./register-request.ts";

export interface OmaDialectOptions {
  readonly uplink: Uplink;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly publish: (message: OutgoingMessage) => Promise<void>;
  /** Before `lwm2m/rd/{endpoint}`, with its slash; may be empty. */
  readonly prefix: string;
  readonly models: ObjectModels;
  /** A client that always listens is asked whether it lives after this long without a word. */
  readonly probeMs: number;
  readonly answerTimeoutMs: number;
  readonly maxClients: number;
}

const never = new AbortController().signal;

/** LwM2M 1.2 over MQTT as OMA defines it (Transport 1.2, section 8): CBOR messages on `lwm2m/rd/{endpoint}`, both ways. */
export class OmaDialect implements Dialect {
  readonly #options: OmaDialectOptions;
  readonly #wire: OmaWire;
  readonly #registrations: Registrations;
  readonly #observations = new Observations();
  readonly #clients: OmaClients;
  readonly #control: OmaControl;

  constructor(options: OmaDialectOptions) {
    this.#options = options;
    const { uplink, clock } = options;
    this.#wire = new OmaWire(options);
    this.#registrations = new Registrations({ clock, onExpired: (registration) => this.#expired(registration) });
    this.#clients = new OmaClients({
      ...options,
      probe: (client) => this.#probe(client),
      forgotten: ({ endpoint, topic }) => {
        this.#registrations.remove(endpoint);
        this.#observations.forget(endpoint);
        this.#wire.echo.forget(topic);
      },
    });
    this.#control = new OmaControl({
      wire: this.#wire,
      uplink,
      clock,
      typeOf: (client) => this.#clients.typeOf(client),
      readBack: (client, path) => this.#readBack(client, path),
    });
  }

  filters(): readonly string[] {
    return [`${this.#options.prefix}lwm2m/rd/#`];
  }

  carries(address: string): boolean {
    return address.startsWith("rd/");
  }

  message(topic: string, payload: Uint8Array, delivery: Delivery, receivedAt: EpochMs): void {
    if (this.#wire.echo.isEcho(topic, payload)) return;
    const { uplink, prefix } = this.#options;
    uplink.received();
    const endpoint = topic.slice(`${prefix}lwm2m/rd/`.length);
    if (!isDeviceId(endpoint)) return this.#reject(topic.slice(0, 80), "invalid-topic", "expected lwm2m/rd/{endpoint}");
    if (delivery.retain) return this.#reject(endpoint, "out-of-sequence", "kept by the broker from before");
    if (payload.length > maxMessageBytes) return this.#reject(endpoint, "oversized", `${payload.length} bytes`);
    const reading = decodeOmaMessage(payload);
    if (!reading.ok) return this.#reject(endpoint, "malformed", reading.detail);
    const client = this.#clients.of(endpoint, topic);
    if (reading.message.result === undefined) this.#request(client, reading.message, receivedAt);
    else this.#answer(client, reading.message, receivedAt);
  }

  async send(device: Device, command: OutgoingCommand, signal: AbortSignal): Promise<void> {
    await this.#control.execute(this.#reachable(device), command, signal);
  }

  async write(device: Device, write: OutgoingWrite, signal: AbortSignal): Promise<void> {
    await this.#control.write(this.#reachable(device), write, signal);
  }

  async read(device: Device, path: string, signal: AbortSignal): Promise<readonly ReadValue[]> {
    const base = pathOf(path);
    if (base === undefined) throw new HostError("argument-invalid", `${path} is no LwM2M path`);
    const client = this.#reachable(device);
    const root = this.#registrations.find(client.endpoint)?.links.rootPath ?? "";
    const values: ReadValue[] = [];
    await client.downlink.run(async () => {
      const answer = await this.#wire.ask(client, { operation: Operation.read, uri: `${root}${path}` }, path);
      values.push(...this.#valuesIn(client, answer, base));
    }, signal);
    return values;
  }

  readmit(address: string): void {
    const client = this.#clients.find(address.slice("rd/".length));
    if (client === undefined) return;
    this.#clients.forgetRecord(client);
    this.#introduce(client);
  }

  /** Notifications of the time without broker are lost: everybody is asked again, not all at once. */
  up(): void {
    const { clock, random } = this.#options;
    for (const { endpoint } of this.#registrations.all()) {
      const client = this.#clients.find(endpoint);
      if (client !== undefined) clock.after(random() * 2_000, () => this.#introduce(client));
    }
  }

  lost(cause: string): void {
    this.#wire.echo.clear();
    this.#clients.lost(cause);
  }

  [Symbol.dispose](): void {
    this.#registrations[Symbol.dispose]();
    this.#clients[Symbol.dispose]();
  }

  #reject(source: string, reason: RejectionReason, detail: string): void {
    this.#options.uplink.rejected(source, reason, detail);
  }

  #reachable(device: Device): OmaClient {
    const endpoint = device.address.slice("rd/".length);
    const client = this.#clients.find(endpoint);
    if (client === undefined || this.#registrations.find(endpoint) === undefined) {
      throw new HostError("command-not-sent", `${device.id}: its client is not registered`);
    }
    return client;
  }

  #request(client: OmaClient, message: OmaMessage, receivedAt: EpochMs): void {
    switch (message.operation) {
      case Operation.register:
        return this.#register(client, message, receivedAt);
      case Operation.update:
        return this.#update(client, message, receivedAt);
      case Operation.deregister:
        return this.#deregister(client, message, receivedAt);
      case Operation.notify:
        return this.#notify(client, message, receivedAt);
      case Operation.send:
        return this.#sent(client, message, receivedAt);
      default:
        // Requests to clients come from servers: another host works on the same topics.
        return this.#reject(client.endpoint, "foreign-device", `operation ${message.operation} is another server's`);
    }
  }

  #register(client: OmaClient, message: OmaMessage, receivedAt: EpochMs): void {
    const request = registerRequestOf(client.endpoint, message);
    if ("result" in request) return this.#refuse(client, message, request);
    const registration = this.#registrations.register(request);
    this.#wire.respond(client, message.token, ResultCode.created);
    this.#clients.registered(client, registration, isQueueMode(registration));
    this.#taken(client, receivedAt);
    this.#introduce(client);
  }

  #update(client: OmaClient, message: OmaMessage, receivedAt: EpochMs): void {
    const request = updateRequestOf(message);
    if ("result" in request) return this.#refuse(client, message, request);
    const before = this.#registrations.find(client.endpoint);
    const registration = this.#registrations.update(client.endpoint, request);
    if (registration === undefined) return this.#refuse(client, message, notRegistered);
    client.downlink.isQueued = isQueueMode(registration);
    this.#wire.respond(client, message.token, ResultCode.changed);
    this.#taken(client, receivedAt);
    const hasChanged = request.links !== undefined && request.links !== before?.links;
    if (hasChanged || this.#clients.wantsIntroduction(client)) this.#introduce(client);
  }

  #deregister(client: OmaClient, message: OmaMessage, receivedAt: EpochMs): void {
    if (!this.#registrations.remove(client.endpoint)) return this.#refuse(client, message, notRegistered);
    this.#wire.respond(client, message.token, ResultCode.deleted);
    this.#observations.forget(client.endpoint);
    this.#options.uplink.accepted(client.endpoint);
    this.#clients.left(client, receivedAt, "it deregistered");
  }

  #notify(client: OmaClient, message: OmaMessage, receivedAt: EpochMs): void {
    const observation = this.#observations.find(client.endpoint, message.token ?? -1);
    if (observation === undefined) {
      return this.#reject(client.endpoint, "not-announced", "a notification that nobody asked for");
    }
    const problem = this.#content(client, message, observation.path, receivedAt);
    if (problem === undefined) this.#takenValues(client, receivedAt);
    else this.#reject(client.endpoint, "malformed", problem);
  }

  #sent(client: OmaClient, message: OmaMessage, receivedAt: EpochMs): void {
    if (this.#registrations.find(client.endpoint) === undefined) return this.#refuse(client, message, notRegistered);
    const problem = this.#content(client, message, {}, receivedAt);
    if (problem !== undefined) {
      return this.#refuse(client, message, { result: ResultCode.badRequest, detail: problem });
    }
    this.#wire.respond(client, message.token, ResultCode.changed);
    this.#takenValues(client, receivedAt);
  }

  #answer(client: OmaClient, message: OmaMessage, receivedAt: EpochMs): void {
    if (!client.pending.settle(message.token ?? -1, message)) {
      return this.#reject(client.endpoint, "out-of-sequence", "an answer that nobody waits for");
    }
    this.#taken(client, receivedAt);
  }

  #refuse(client: OmaClient, message: OmaMessage, { result, detail }: Refusal): void {
    this.#wire.respond(client, message.token, result);
    this.#reject(client.endpoint, result === ResultCode.notFound ? "not-announced" : "malformed", detail);
  }

  #taken(client: OmaClient, receivedAt: EpochMs): void {
    this.#options.uplink.accepted(client.endpoint);
    this.#clients.heard(client, receivedAt);
  }

  #takenValues(client: OmaClient, receivedAt: EpochMs): void {
    if (this.#clients.isRefused(client)) this.#reject(client.endpoint, "unknown-device", "not admitted");
    else this.#taken(client, receivedAt);
  }

  /** Reports the values of a payload; returns what is wrong with it. */
  #content(client: OmaClient, message: OmaMessage, base: Path, now: EpochMs): string | undefined {
    const decoding = contentOf(message, { base, now, typeOf: this.#clients.typeOf(client) });
    if (!decoding.ok) return decoding.detail;
    this.#clients.values(client, decoding.nodes, now);
    return undefined;
  }

  /** The values of the answer to a read, which are reported as well. */
  #valuesIn(client: OmaClient, answer: OmaMessage, base: Path): ReadValue[] {
    const { result = ResultCode.internalServerError } = answer;
    if (!isSuccess(result)) throw new HostError("command-rejected", `${client.endpoint}: ${resultText(result)}`);
    const now = this.#options.clock.now();
    const decoding = contentOf(answer, { base, now, typeOf: this.#clients.typeOf(client) });
    if (!decoding.ok)
      throw new HostError("command-rejected", `${client.endpoint}: unreadable answer, ${decoding.detail}`);
    this.#clients.values(client, decoding.nodes, now);
    return decoding.nodes.map(({ path, value, time }) => ({ path: pathText(path), value, time }));
  }

  #introduce(client: OmaClient): void {
    const registration = this.#registrations.find(client.endpoint);
    if (registration === undefined) return;
    this.#observations.forget(client.endpoint);
    const questions = questionsFor(registration);
    this.#clients.introducing(client, questions.length);
    const { generation } = client;
    for (const question of questions) {
      client.downlink
        .run(() => this.#put(client, question), never)
        .catch((error: unknown) => {
          this.#options.log.debug({ device: client.endpoint, err: error }, `${question.uri} was not answered`);
        })
        .then(() => this.#clients.answered(client, generation), undefined)
        .catch(() => undefined);
    }
  }

  async #put(client: OmaClient, { operation, path, uri }: Question): Promise<void> {
    const token = this.#wire.nextToken();
    const isObserve = operation === Operation.observe;
    // Known before it is sent: the first notification may overtake the answer.
    if (isObserve) this.#observations.add(client.endpoint, path, token);
    const answer = await this.#wire.ask(client, { operation, token, uri }, uri);
    if (!isSuccess(answer.result ?? 0)) {
      this.#observations.remove(client.endpoint, token);
      return;
    }
    const problem = this.#content(client, answer, path, this.#options.clock.now());
    if (problem !== undefined) this.#options.uplink.flawed(client.endpoint, "malformed", `${uri}: ${problem}`);
  }

  #readBack(client: OmaClient, address: string): void {
    const path = pathOf(address);
    const registration = this.#registrations.find(client.endpoint);
    if (path === undefined || registration === undefined) return;
    const uri = `${registration.links.rootPath}${address}`;
    this.#put(client, { operation: Operation.read, path, uri }).catch(() => undefined);
  }

  /** Resolves when the client answered anything at all. */
  async #probe(client: OmaClient): Promise<void> {
    const root = this.#registrations.find(client.endpoint)?.links.rootPath ?? "";
    await this.#wire.ask(client, { operation: Operation.read, uri: `${root}/3/0/0` }, "a sign of life");
  }

  #expired({ endpoint, lifetimeS }: Registration): void {
    const client = this.#clients.find(endpoint);
    this.#observations.forget(endpoint);
    if (client !== undefined) {
      this.#clients.left(client, this.#options.clock.now(), `its registration ended: no update for ${lifetimeS} s`);
    }
  }
}

const notRegistered: Refusal = { result: ResultCode.notFound, detail: "it is not registered" };
