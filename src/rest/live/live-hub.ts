import type { Access } from "#fleet/access/access.ts";
import { allows } from "#fleet/access/action.ts";
import type { AlarmBoard, EventRecord } from "#fleet/alarms/ports.ts";
import type { CommandBook, CommandRecord } from "#fleet/command-book.ts";
import type { Device } from "#fleet/device.ts";
import type { LiveValues } from "#fleet/live-values.ts";
import type { SampleSink } from "#fleet/ports.ts";
import type { DeviceRegistry } from "#fleet/registry.ts";
import type { Clock } from "#lib/clock.ts";
import { every } from "#lib/every.ts";
import type { SampleBatch } from "#model/sample-batch.ts";
import { eventJsonOf } from "#rest/schemas/alarm.ts";
import { commandJsonOf } from "#rest/schemas/command-json.ts";
import { LiveClient, type LiveSocket } from "./live-client.ts";
import { ValueChannel, type ValueWish } from "./value-channel.ts";
import type { Subscribe } from "./wishes.ts";

export interface LiveHubParts {
  readonly registry: DeviceRegistry;
  readonly live: LiveValues;
  readonly alarms: AlarmBoard;
  readonly commandBook: CommandBook;
  readonly access: Access;
  readonly clock: Clock;
}

interface EventWish {
  /** Undefined: all. */
  readonly devices: ReadonlySet<string> | undefined;
  readonly minSeverity: number;
}

/** What one subscription of one client wants. */
interface Subscription {
  readonly channel: ValueChannel | undefined;
  readonly alarms: EventWish | undefined;
  readonly events: EventWish | undefined;
  readonly commands: EventWish | undefined;
}

interface Member {
  readonly client: LiveClient;
  readonly subscriptions: Map<string, Subscription>;
}

export const maxClients = 2_000;
const maxSubscriptions = 32;
const recoverPeriodMs = 250;
const keepAlivePeriodMs = 30_000;

/**
 * Live data to web clients: values straight from the live store, gathered per wish and not per client, alarms, events and
 * commands as they happen. A sink: never blocks, and a client that does not keep up costs nobody else anything.
 */
export class LiveHub implements SampleSink, Disposable {
  readonly #parts: LiveHubParts;
  readonly #members = new Map<LiveClient, Member>();
  readonly #channels = new Map<string, ValueChannel>();
  readonly #channelsOf = new Map<Device, ValueChannel[]>();
  readonly #resources = new DisposableStack();
  /** What clients that have gone were sent. */
  #goneSent = 0;
  #goneDropped = 0;

  constructor(parts: LiveHubParts) {
    this.#parts = parts;
    const { registry, alarms, commandBook, access, clock } = parts;
    registry.onChange(({ kind, device }) => {
      if (kind === "added") this.#watch(device, [...this.#channels.values()]);
      else this.#forget(device);
    });
    alarms.onEvent((event) => this.#tellEvent(event));
    commandBook.onChange((record) => this.#tellCommand(record));
    this.#resources.use(access.sessions.onEnd(({ id }) => this.#closeSession(id)));
    this.#resources.use(every(clock, recoverPeriodMs, () => this.#recover()));
    this.#resources.use(every(clock, keepAlivePeriodMs, () => this.#keepAlive()));
  }

  accept(device: Device, batch: SampleBatch): void {
    const channels = this.#channelsOf.get(device);
    if (channels === undefined) return;
    for (const channel of channels) channel.note(device, batch);
  }

  /** A client came; undefined when there are too many. */
  join(socket: LiveSocket, sessionId: string): LiveClient | undefined {
    if (this.#members.size >= maxClients) return undefined;
    const client = new LiveClient(socket, sessionId);
    this.#members.set(client, { client, subscriptions: new Map() });
    return client;
  }

  /** The client said something: its session is in use. */
  noteUse({ sessionId }: LiveClient): void {
    this.#parts.access.sessions.noteUse(sessionId);
  }

  leave(client: LiveClient): void {
    const member = this.#members.get(client);
    if (member === undefined) return;
    for (const id of member.subscriptions.keys()) this.unsubscribe(client, id);
    this.#members.delete(client);
    this.#goneSent += client.sent;
    this.#goneDropped += client.dropped;
  }

  /** Adds a subscription or replaces the one of the same id; a sentence when there are too many. */
  subscribe(client: LiveClient, wish: Subscribe): string | undefined {
    const member = this.#members.get(client);
    if (member === undefined) return "the socket is closed";
    if (!member.subscriptions.has(wish.id) && member.subscriptions.size >= maxSubscriptions) {
      return `there are ${maxSubscriptions} subscriptions already`;
    }
    const { values, alarms, events, commands } = wish;
    const before = member.subscriptions.get(wish.id)?.channel;
    const channel = values === undefined ? undefined : this.#channelFor({ ...valueWishOf(values) });
    channel?.clients.add(client);
    member.subscriptions.set(wish.id, {
      channel,
      alarms: eventWishOf(alarms),
      events: eventWishOf(events),
      commands: eventWishOf(commands),
    });
    if (before !== channel) this.#drop(member, before);
    client.sendSnapshot([frameOf({ type: "subscribed", id: wish.id })]);
    if (channel !== undefined && values?.snapshot === true) client.sendSnapshot(channel.snapshot("snapshot"));
    return undefined;
  }

  unsubscribe(client: LiveClient, id: string): void {
    const member = this.#members.get(client);
    const subscription = member?.subscriptions.get(id);
    if (member === undefined || subscription === undefined) return;
    member.subscriptions.delete(id);
    this.#drop(member, subscription.channel);
  }

  counts() {
    let subscriptions = 0;
    let [framesSent, framesDropped] = [this.#goneSent, this.#goneDropped];
    for (const { client, subscriptions: own } of this.#members.values()) {
      subscriptions += own.size;
      framesSent += client.sent;
      framesDropped += client.dropped;
    }
    return { clients: this.#members.size, subscriptions, framesSent, framesDropped };
  }

  [Symbol.dispose](): void {
    this.#resources.dispose();
    for (const { client } of this.#members.values()) client.close(1001, "the host stops");
    for (const channel of this.#channels.values()) channel.close();
  }

  #channelFor(wish: ValueWish): ValueChannel {
    const key = JSON.stringify(wish);
    const known = this.#channels.get(key);
    if (known !== undefined) return known;
    const { registry, live, clock } = this.#parts;
    const channel = new ValueChannel(wish, { live, clock });
    this.#channels.set(key, channel);
    if (wish.devices === undefined) for (const device of registry.all()) this.#watch(device, [channel]);
    else {
      for (const name of wish.devices) {
        const device = registry.find(name);
        if (device !== undefined) this.#watch(device, [channel]);
      }
    }
    return channel;
  }

  /** The client gives a channel up, unless another subscription of it has the same. */
  #drop(member: Member, channel: ValueChannel | undefined): void {
    if (channel === undefined) return;
    for (const other of member.subscriptions.values()) if (other.channel === channel) return;
    channel.clients.delete(member.client);
    if (channel.clients.size > 0) return;
    channel.close();
    this.#channels.delete(JSON.stringify(channel.wish));
    for (const [device, channels] of this.#channelsOf) {
      if (!channels.includes(channel)) continue;
      const rest = channels.filter((candidate) => candidate !== channel);
      if (rest.length === 0) this.#channelsOf.delete(device);
      else this.#channelsOf.set(device, rest);
    }
  }

  #watch(device: Device, channels: readonly ValueChannel[]): void {
    const wanting = channels.filter((channel) => channel.watch(device));
    if (wanting.length > 0) this.#channelsOf.set(device, [...(this.#channelsOf.get(device) ?? []), ...wanting]);
  }

  #forget(device: Device): void {
    for (const channel of this.#channelsOf.get(device) ?? []) channel.forget(device);
    this.#channelsOf.delete(device);
  }

  #tellEvent(event: EventRecord): void {
    const of = event.kind === "device-event" ? "events" : "alarms";
    const type = event.kind === "device-event" ? "event" : "alarm";
    this.#tell(of, event.device, event.severity, () => ({ type, event: eventJsonOf(event) }));
  }

  #tellCommand(record: CommandRecord): void {
    this.#tell("commands", record.device, 1_000, () => ({ type: "command", command: commandJsonOf(record) }));
  }

  /** Tells all who want it; what is told is made once, and only when somebody does. */
  #tell(of: "alarms" | "events" | "commands", device: string | undefined, severity: number, what: () => object): void {
    let frame: Buffer | undefined;
    const now = this.#parts.clock.now();
    for (const { client, subscriptions } of this.#members.values()) {
      for (const subscription of subscriptions.values()) {
        if (!wants(subscription[of], device, severity)) continue;
        frame ??= frameOf(what());
        client.sendEvent(frame, now);
        break;
      }
    }
  }

  /** Clients that were too slow and have caught up get everything as it is now. */
  #recover(): void {
    const snapshots = new Map<ValueChannel, Buffer[]>();
    for (const { client, subscriptions } of this.#members.values()) {
      if (!client.hasCaughtUp) continue;
      if (client.missedEvents) client.sendSnapshot([frameOf({ type: "missed", what: "alarms, events or commands" })]);
      client.recovered();
      for (const { channel } of subscriptions.values()) {
        if (channel === undefined) continue;
        const frames = snapshots.get(channel) ?? channel.snapshot("resync");
        snapshots.set(channel, frames);
        client.sendSnapshot(frames);
      }
    }
  }

  #keepAlive(): void {
    const { access, clock } = this.#parts;
    for (const { client } of this.#members.values()) {
      const principal = access.sessions.principalOf(client.sessionId);
      if (principal === undefined || !allows(principal.roles, "device.read"))
        client.close(sessionEnded, "log in again");
      else if (!client.keepAlive(clock.now())) this.leave(client);
    }
  }

  #closeSession(id: string): void {
    for (const { client } of this.#members.values()) {
      if (client.sessionId === id) client.close(sessionEnded, "log in again");
    }
  }
}

/** Close code for a session that ended; 4000 to 4999 are for applications (RFC 6455, 7.4.2). */
export const sessionEnded = 4401;

/** A message as one text frame. */
export function frameOf(message: object): Buffer {
  return Buffer.from(JSON.stringify(message));
}

function valueWishOf({ devices, parameters, intervalMs, form }: NonNullable<Subscribe["values"]>): ValueWish {
  // Sorted, so that equal wishes are one channel.
  return { devices: devices?.toSorted(), parameters: parameters?.toSorted(), intervalMs, form };
}

function eventWishOf(
  wish: { readonly devices?: readonly string[]; readonly minSeverity?: number } | undefined,
): EventWish | undefined {
  if (wish === undefined) return undefined;
  const { devices, minSeverity = 1 } = wish;
  return { devices: devices === undefined ? undefined : new Set(devices), minSeverity };
}

function wants(wish: EventWish | undefined, device: string | undefined, severity: number): boolean {
  if (wish === undefined || severity < wish.minSeverity) return false;
  return wish.devices === undefined || wish.devices.has(device ?? "Server");
}
