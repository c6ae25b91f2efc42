import { MqttJsonTransport } from "#transport/mqtt-json/mqtt-json-transport.ts";
import { ownLink } from "#transport/shared/broker-link.ts";
import { JsonDevice } from "../support/scripted/json-device.ts";
import { describeTransport } from "./transport.contract.ts";

describeTransport("the MQTT JSON", {
  hasWill: true,
  openTransport: (settings, clock, log) =>
    new MqttJsonTransport({
      connect: ownLink({ settings, clock, random: Math.random, log }),
      hostId: settings.clientId,
      clock,
      log,
    }),
  openDevice: (url) => new JsonDevice(url),
});
