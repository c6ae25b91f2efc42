import { Lwm2mTransport } from "#transport/lwm2m/lwm2m-transport.ts";
import { ownLink } from "#transport/shared/broker-link.ts";
import { Lwm2mOmaDevice } from "../support/scripted/lwm2m-oma-device.ts";
import { describeTransport } from "./transport.contract.ts";

describeTransport("the OMA LwM2M", {
  hasWill: false,
  openTransport: (settings, clock, log) =>
    new Lwm2mTransport({
      connect: ownLink({ settings, clock, random: Math.random, log }),
      clock,
      random: Math.random,
      log,
      probeMs: 1_500,
      answerTimeoutMs: 1_000,
    }),
  openDevice: (url) => new Lwm2mOmaDevice(url),
});
