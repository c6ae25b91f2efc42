import { describe, expect, it } from "vitest";
import { SparkplugTransport } from "#transport/sparkplug/sparkplug-transport.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { MemoryBroker, settle } from "../transport-shared/memory-broker.ts";
import { recordingLog } from "../transport-shared/silent-log.ts";
import { tripCommand } from "./breaker-package.ts";
import { PanelPeer } from "./panel-peer.ts";
import { RecordingUplink } from "./recording-uplink.ts";

async function twoBrokers() {
  const clock = new FakeClock();
  const brokers = { "mqtt://east": new MemoryBroker(), "mqtt://west": new MemoryBroker() };
  const uplink = new RecordingUplink();
  const transport = new SparkplugTransport({
    hostId: "host-1",
    brokers: Object.keys(brokers).map((url) => ({ url, clientId: "host-1" })),
    clock,
    random: () => 0,
    log: recordingLog(),
    open: (settings, will, listener) =>
      (settings.url === "mqtt://east" ? brokers["mqtt://east"] : brokers["mqtt://west"]).open(settings, will, listener),
  });
  await transport.start(uplink);
  await settle();
  return { clock, east: brokers["mqtt://east"], west: brokers["mqtt://west"], uplink, transport };
}

function commandsOf(broker: MemoryBroker): string[] {
  return broker.sessions
    .flatMap(({ published }) => published.map(({ topic }) => topic))
    .filter((topic) => /CMD/.test(topic));
}

describe("SparkplugTransport over several brokers", () => {
  it("announces itself on each of them, each with the timestamp of its own Will", async () => {
    const { east, west, clock, transport } = await twoBrokers();
    west.cut("reset");
    clock.advance(500);
    await settle();

    for (const broker of [east, west]) {
      const { will, published } = broker.last;
      expect(published[0]?.payload).toBe(String(will?.payload).replace("false", "true"));
    }
    expect(west.last.will?.payload).not.toBe(east.last.will?.payload);
    expect(transport.health().connected).toBe(true);
  });

  it("sends commands where the edge node is, and follows it to another broker", async () => {
    const { east, west, clock, uplink, transport } = await twoBrokers();
    const before = new PanelPeer(east, clock);
    before.nodeBirth();
    before.deviceBirth();
    const command = { correlationId: "c", spec: tripCommand, inputs: [undefined], sentAt: 0 };
    const device = uplink.device("Demo/panel-1/CB-0001");
    await transport.send(device, command, new AbortController().signal);

    const after = new PanelPeer(west, clock);
    after.bdSeq = 1;
    after.nodeBirth();
    after.deviceBirth();
    before.nodeDeath();
    await transport.send(device, command, new AbortController().signal);

    const topic = "spBv1.0/Demo/DCMD/panel-1/CB-0001";
    expect([commandsOf(east), commandsOf(west)]).toEqual([[topic], [topic]]);
    expect(uplink.presences.map((line) => line.split(" ")[1])).toEqual(["online"]);
  });

  it("marks only those devices stale that are behind the broker it lost", async () => {
    const { east, west, clock, uplink } = await twoBrokers();
    const panel = new PanelPeer(east, clock);
    panel.nodeBirth();
    panel.deviceBirth();

    west.cut("reset");
    const afterWest = uplink.presences.length;
    east.cut("reset");

    expect(afterWest).toBe(1);
    expect(uplink.presences.at(-1)).toContain("CB-0001 stale");
  });

  it("is not healthy while one of them is away, and says which", async () => {
    const { west, transport } = await twoBrokers();

    west.cut("reset by peer");

    expect(transport.health()).toMatchObject({
      connected: false,
      detail: "connected to mqtt://east; mqtt://west: reset by peer",
    });
  });
});
