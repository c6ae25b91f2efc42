import type { MqttClient, Packet } from "mqtt";
import { InternalError } from "#model/errors.ts";

/** When a message may be acknowledged, and how many may wait for that. */
export interface Deferral {
  readonly acknowledgeAfter: () => Promise<void>;
  readonly maxUnacknowledged: number;
}

/**
 * Holds each PUBACK of a client back until `acknowledgeAfter` resolves, without holding up the messages behind it; while
 * `maxUnacknowledged` are held back nothing more is read from the socket. mqtt.js offers only a hook that stops the whole
 * stream for each message (one message per disk write), so its packet sender is wrapped; the broker connection's contract
 * test notices when that no longer works.
 */
export function deferAcknowledgements(client: MqttClient, { acknowledgeAfter, maxUnacknowledged }: Deferral): void {
  const send: unknown = Reflect.get(client, "_sendPacket");
  if (typeof send !== "function") throw new InternalError("mqtt.js has no packet sender any more");
  const sendNow = (...args: readonly unknown[]): void => {
    Reflect.apply(send, client, args);
  };
  let unacknowledged = 0;
  let readOn: (() => void) | undefined;
  let group: Packet[] = [];
  const settled = (count: number): void => {
    unacknowledged -= count;
    if (readOn === undefined || unacknowledged > maxUnacknowledged / 2) return;
    const resume = readOn;
    readOn = undefined;
    resume();
  };
  // One question for all messages of a turn: what holds for the last of them holds for those before it.
  const askForGroup = (): void => {
    const packets = group;
    group = [];
    acknowledgeAfter()
      .then(
        () => {
          if (client.connected) for (const packet of packets) sendNow(packet);
        },
        // Not safe on disk: the broker keeps the messages and sends them again in the next session.
        () => undefined,
      )
      .finally(() => settled(packets.length));
  };
  Reflect.set(client, "_sendPacket", (packet: Packet, done?: () => void, ...rest: readonly unknown[]) => {
    if (packet.cmd !== "puback") {
      sendNow(packet, done, ...rest);
      return;
    }
    unacknowledged += 1;
    group.push(packet);
    if (group.length === 1) setImmediate(askForGroup);
    if (unacknowledged < maxUnacknowledged) done?.();
    else readOn = done;
  });
}
