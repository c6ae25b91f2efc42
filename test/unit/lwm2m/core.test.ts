import { describe, expect, it } from "vitest";
import { Downlink } from "#transport/lwm2m/core/downlink.ts";
import { readLinks } from "#transport/lwm2m/core/link-format.ts";
import { acceptSequence, Observations } from "#transport/lwm2m/core/observations.ts";
import { pathOf, pathText } from "#transport/lwm2m/core/path.ts";
import { isQueueMode, Registrations } from "#transport/lwm2m/core/registrations.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const links = { rootPath: "", formats: [], links: [] };
const client = { endpoint: "cb-1", version: "1.2", binding: "M", isQueueMode: false, links };

function registrations() {
  const clock = new FakeClock();
  const expired: string[] = [];
  const table = new Registrations({ clock, onExpired: ({ endpoint }) => expired.push(endpoint) });
  return { clock, expired, table };
}

describe("a registration", () => {
  it("ends when its lifetime passes without an update", () => {
    const { clock, expired, table } = registrations();
    table.register({ ...client, lifetimeS: 60 });

    clock.advance(50_000);
    table.update("cb-1", {});
    clock.advance(59_000);
    expect(expired).toEqual([]);

    clock.advance(1_000);
    expect(expired).toEqual(["cb-1"]);
    expect(table.update("cb-1", {})).toBeUndefined();
  });

  it("takes a new lifetime with an update, and never ends with lifetime 0", () => {
    const { clock, expired, table } = registrations();
    table.register({ ...client, lifetimeS: 60 });
    table.update("cb-1", { lifetimeS: 0 });

    clock.advance(400 * 86_400_000);

    expect(expired).toEqual([]);
  });

  it("lasts a day when the client does not say (OMA Core 1.2, 6.2.1), and longer ones outlive any timer", () => {
    const { clock, expired, table } = registrations();
    expect(table.register({ ...client, lifetimeS: undefined }).lifetimeS).toBe(86_400);
    table.register({ ...client, lifetimeS: 60 * 86_400 });

    clock.advance(60 * 86_400_000 - 1);
    expect(expired).toEqual([]);
    clock.advance(1);
    expect(expired).toEqual(["cb-1"]);
  });

  it("is replaced by another one of the same name, whose lifetime alone counts", () => {
    const { clock, expired, table } = registrations();
    table.register({ ...client, lifetimeS: 10 });
    table.register({ ...client, lifetimeS: 100 });

    clock.advance(50_000);

    expect(expired).toEqual([]);
    expect(table.size).toBe(1);
  });

  it("knows queue mode in the words of both versions", () => {
    expect(isQueueMode({ isQueueMode: false, binding: "UQ" })).toBe(true);
    expect(isQueueMode({ isQueueMode: true, binding: "U" })).toBe(true);
    expect(isQueueMode({ isQueueMode: false, binding: "M" })).toBe(false);
  });
});

describe("the links of a registration", () => {
  it("are read with versions, an alternate path and the formats of the client", () => {
    const text =
      '</lwm2m>;rt="oma.lwm2m";ct="112 11542",</lwm2m/1/0>,</lwm2m/3/0>;ver=1.2,</lwm2m/42769>,</.well-known/core>';

    expect(readLinks(text)).toEqual({
      rootPath: "/lwm2m",
      formats: [112, 11_542],
      links: [
        { path: { object: 1, instance: 0 }, version: undefined },
        { path: { object: 3, instance: 0 }, version: "1.2" },
        { path: { object: 42_769 }, version: undefined },
      ],
    });
  });

  it.each(["</3/0", "3/0", "</3/0>;;", '</3/0>;ct="1', "</3/0> </4/0>", `<${"x".repeat(300)}>`])(
    "are refused as %s",
    (text) => {
      expect(readLinks(text)).toBeUndefined();
    },
  );

  it("are read in linear time, and not beyond 1,000", () => {
    expect(readLinks("</3/0>,".repeat(1_001).slice(0, -1))).toBeUndefined();
    expect(readLinks("</3/0>;a=b;".repeat(2_000))).toBeUndefined();
  });
});

describe("a path", () => {
  it.each(["/3/0/0", "/42769/0", "/10/1/2/3", "/0", "/"])("%s is read and written alike", (text) => {
    expect(pathText(pathOf(text) ?? { object: -1 })).toBe(text);
  });

  it.each(["/3//0", "/03/0", "/65535", "/3/0/0/0/0", "/-1", "/x", "/3/0 ", "/3.0"])("is not %s", (text) => {
    expect(pathOf(text)).toBeUndefined();
  });
});

describe("notifications with sequence numbers", () => {
  it("are newer by the 24-bit arithmetic of RFC 7641, or after 128 s", () => {
    const observation = new Observations().add("cb-1", {}, 1);
    const at = 1_000_000;

    expect(acceptSequence(observation, 0xff_ff_fe, at)).toBe(true);
    expect(acceptSequence(observation, 0xff_ff_fd, at)).toBe(false);
    expect(acceptSequence(observation, 2, at)).toBe(true);
    expect(acceptSequence(observation, 0xff_ff_ff, at)).toBe(false);
    expect(acceptSequence(observation, 0xff_ff_ff, at + 128_001)).toBe(true);
  });
});

describe("the way down to a client in queue mode", () => {
  const sleeper = () => {
    const clock = new FakeClock();
    const downlink = new Downlink({ clock, endpoint: "cb-1" });
    downlink.isQueued = true;
    const sent: string[] = [];
    const send = (what: string, signal = new AbortController().signal): Promise<void> =>
      downlink.run(async () => {
        sent.push(what);
      }, signal);
    return { clock, downlink, sent, send };
  };
  const turns = async (): Promise<void> => {
    for (let i = 0; i < 10; i += 1) await Promise.resolve();
  };

  it("holds messages until the client speaks, then sends them one by one in order", async () => {
    const { downlink, sent, send } = sleeper();
    const all = Promise.all([send("a"), send("b")]);
    await turns();
    expect(sent).toEqual([]);

    downlink.heard();
    await all;

    expect(sent).toEqual(["a", "b"]);
  });

  it("sends at once for 93 s after the client spoke, and holds again afterwards", async () => {
    const { clock, downlink, sent, send } = sleeper();
    downlink.heard();
    clock.advance(92_999);
    await send("awake");
    clock.advance(1);
    send("asleep").catch(() => undefined);
    await turns();

    expect(sent).toEqual(["awake"]);
  });

  it("never sends what was called off while the client slept", async () => {
    const { downlink, sent, send } = sleeper();
    const deadline = new AbortController();
    const trip = send("trip", deadline.signal).catch((error: unknown) => String(error));
    deadline.abort();
    downlink.heard();

    expect(await trip).toContain("slept until the message was called off");
    expect(sent).toEqual([]);
  });

  it("does not pile up messages without bound", async () => {
    const { send } = sleeper();
    for (let i = 0; i < 64; i += 1) send(String(i)).catch(() => undefined);

    await expect(send("one more")).rejects.toThrow("sleeps and 64 messages wait");
  });
});
