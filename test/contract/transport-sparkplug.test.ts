import { SparkplugTransport } from "#transport/sparkplug/sparkplug-transport.ts";
import { SparkplugDevice } from "../support/scripted/sparkplug-device.ts";
import { describeTransport } from "./transport.contract.ts";

describeTransport("the Sparkplug", {
  hasWill: true,
  openTransport: (settings, clock, log) =>
    new SparkplugTransport({ hostId: settings.clientId, brokers: [settings], clock, random: Math.random, log }),
  openDevice: (url) => new SparkplugDevice(url),
});
