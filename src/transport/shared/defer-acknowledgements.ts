import type { MqttClient, Packet } from "mqtt";
import { InternalError } from "#model/errors.ts";

/**
 * Holds each PUBACK of a client back until `acknowledgeAfter` resolves, without holding up the messages behind it. mqtt.js
 * offers only a hook that stops the whole stream meanwhile (one message per disk write), so its packet sender is wrapped;
 * the broker connection's contract test notices when that no longer works.
 */
export function deferAcknowledgements(client: MqttClient, acknowledgeAfter: () => Promise<void>): void {
  const send: unknown = Reflect.get(client, "_sendPacket");
  if (typeof send !== "function") throw new InternalError("mqtt.js has no packet sender any more");
  const sendNow = (...args: readonly unknown[]): void => {
    Reflect.apply(send, client, args);
  };
  Reflect.set(client, "_sendPacket", (packet: Packet, done?: () => void, ...rest: readonly unknown[]) => {
    if (packet.cmd !== "puback") {
      sendNow(packet, done, ...rest);
      return;
    }
    done?.();
    acknowledgeAfter().then(
      () => {
        if (client.connected) sendNow(packet);
      },
      // Not safe on disk: the broker keeps the message and sends it again in the next session.
      () => undefined,
    );
  });
}
