import { Lwm2mTransport } from "#transport/lwm2m/lwm2m-transport.ts";
import { ownLink } from "#transport/shared/broker-link.ts";
import { Lwm2mLegacyDevice } from "../support/scripted/lwm2m-legacy-device.ts";
import { describeTransport } from "./transport.contract.ts";

describeTransport("the legacy LwM2M", {
  hasWill: false,
  openTransport: (settings, clock, log) =>
    new Lwm2mTransport({
      connect: ownLink({ settings, clock, random: Math.random, log }),
      clock,
      random: Math.random,
      log,
      silenceMs: 2_500,
    }),
  openDevice: (url) => new Lwm2mLegacyDevice(url),
});
