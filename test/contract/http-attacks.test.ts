import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FacadeFixture } from "../support/facade-fixture.ts";
import { until } from "../support/until.ts";

/** What an attacker can try at the HTTP port, over real sockets. */

let facade: FacadeFixture;
let port: number;
let token: string;

beforeAll(async () => {
  facade = await FacadeFixture.open({ requestsPerMinute: 1_000_000 });
  port = Number(new URL(await facade.listen()).port);
  token = await facade.tokenOf("administrator");
});

afterAll(() => facade[Symbol.asyncDispose]());

function url(path: string): string {
  return `http://127.0.0.1:${port}${path}`;
}

function as(headers: Record<string, string> = {}): RequestInit {
  return { headers: { authorization: `Bearer ${token}`, ...headers } };
}

/** Sends bytes as they are; gives all that comes back until the connection is closed or the time is over. */
async function raw(bytes: string, timeoutMs = 3_000): Promise<string> {
  const socket: Socket = connect(port, "127.0.0.1");
  const { promise, resolve } = Promise.withResolvers<string>();
  let answer = "";
  const timer = setTimeout(() => resolve(answer), timeoutMs);
  socket.on("data", (chunk) => (answer += chunk.toString("latin1")));
  socket.on("close", () => resolve(answer));
  socket.on("error", () => resolve(answer));
  socket.write(bytes);
  const all = await promise;
  clearTimeout(timer);
  socket.destroy();
  return all;
}

async function failureOf(answer: Response): Promise<{ code: string; message: string }> {
  const text = await answer.text();
  expect(text).not.toMatch(/node_modules|\bat .*\.ts:\d+|Error:/);
  return JSON.parse(text) as { code: string; message: string };
}

const injections = [
  "' OR 1=1 --",
  "1; DROP TABLE samples; --",
  '{"$ne":null}',
  "${7*7}{{7*7}}",
  "$(reboot)",
  "../../etc/passwd",
  "..%2f..%2fetc%2fpasswd",
  "%00",
  "\u202e",
  "<script>alert(1)</script>",
  "a".repeat(3_000),
];

describe("attacks on the HTTP port", () => {
  it("takes injected text for the name of something that is not there", async () => {
    const places = (text: string): string[] => [
      `/api/v1/devices/${encodeURIComponent(text)}`,
      `/api/v1/devices/${encodeURIComponent(text)}/values`,
      `/api/v1/devices/CB-1/parameters/${encodeURIComponent(text)}`,
      `/api/v1/devices/CB-1/history/${encodeURIComponent(text)}`,
      `/api/v1/system/traffic/${encodeURIComponent(text)}`,
      `/api/v1/devices?type=${encodeURIComponent(text)}`,
      `/api/v1/devices?search=${encodeURIComponent(text)}`,
      `/api/v1/events?device=${encodeURIComponent(text)}`,
      `/api/v1/audit?user=${encodeURIComponent(text)}`,
    ];
    const wrong: string[] = [];
    for (const text of injections) {
      for (const place of places(text)) {
        const answer = await fetch(url(place), as());
        const body = await answer.text();
        const isRefused = [400, 404, 414].includes(answer.status);
        const isEmpty = answer.status === 200 && /"(items)":\[\]/.test(body);
        if (!isRefused && !isEmpty) wrong.push(`${place.slice(0, 80)}: ${answer.status} ${body.slice(0, 80)}`);
        if (/node_modules|root:x:0/.test(body)) wrong.push(`${place}: leaks`);
      }
    }

    expect(wrong).toEqual([]);
  });

  it("gives no file away, however the path is written", async () => {
    const paths = [
      "/docs/static/../../../package.json",
      "/docs/static/..%2f..%2f..%2fpackage.json",
      "/docs/static/%2e%2e/%2e%2e/package.json",
      "/docs/static/....//....//package.json",
      "//etc/passwd",
      "/%2e%2e/%2e%2e/etc/passwd",
    ];
    for (const path of paths) {
      const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);

      expect(answer.split("\r\n")[0]).toMatch(/HTTP\/1\.1 (400|403|404)/);
      expect(answer).not.toMatch(/fdi-host.*dependencies|root:x/s);
    }
  });

  it("refuses bodies that poison prototypes, are no JSON, are too large or of another kind", async () => {
    const post = (body: string, type = "application/json") =>
      fetch(url("/api/v1/devices/CB-1/commands/Trip"), { method: "POST", body, ...as({ "content-type": type }) });
    const answers = await Promise.all([
      post('{"arguments":{"__proto__":{"polluted":true}}}'),
      post('{"constructor":{"prototype":{"polluted":true}}}'),
      post("{"),
      post(`{"arguments":${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}}`),
      post('{"role":"administrator"}'),
      post(JSON.stringify({ arguments: { Reason: "x".repeat(400_000) } })),
      post("<a/>", "text/xml"),
    ]);
    const codes = await Promise.all(answers.map(failureOf));

    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400, 413, 415]);
    expect(codes.map(({ code }) => code).slice(-2)).toEqual(["body-too-large", "media-type-unsupported"]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(facade.fleet.transport.sent).toEqual([]);
  });

  it("does not let headers be made of values, nor a host header matter", async () => {
    const split = await raw(
      `GET /api/v1/devices/x%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
    );
    const twice = await raw(
      "POST /api/v1/login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    );
    const noHost = await raw("GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n");

    expect(split.split("\r\n")[0]).toContain("404");
    expect(split).not.toMatch(/^set-cookie/im);
    expect(split).not.toContain("evil.example");
    expect(twice.split("\r\n")[0]).toContain("400");
    expect(noHost.split("\r\n")[0]).toContain("400");
  });

  it("answers 431 to a head that is too large", async () => {
    const answer = await raw(`GET /health/live HTTP/1.1\r\nHost: x\r\nX-Big: ${"a".repeat(40_000)}\r\n\r\n`);

    expect(answer.split("\r\n")[0]).toContain("431");
  });

  it("does not wait for a body that trickles in, and serves others meanwhile", async () => {
    const head = `POST /api/v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`;
    const slow = Array.from({ length: 50 }, () => raw(head, 6_000));
    const live = await fetch(url("/health/live"));

    expect(live.status).toBe(200);
    expect((await Promise.all(slow)).filter((answer) => answer.includes("408")).length).toBe(50);
  });

  it("lets no page of another origin read answers or send preflighted requests", async () => {
    const origin = { origin: "https://evil.example" };
    const read = await fetch(url("/api/v1/devices"), as(origin));
    const preflight = await fetch(url("/api/v1/devices"), {
      method: "OPTIONS",
      headers: { ...origin, "access-control-request-method": "PUT" },
    });

    expect(read.headers.get("access-control-allow-origin")).toBeNull();
    expect(preflight.headers.get("access-control-allow-origin")).toBeNull();
    expect(read.headers.get("x-content-type-options")).toBe("nosniff");
    expect(read.headers.get("content-security-policy")).toContain("default-src 'none'");
  });

  it("limits requests per user, whatever address a proxy header claims", async () => {
    await using small = await FacadeFixture.open({ requestsPerMinute: 10 });
    const statuses: number[] = [];
    for (let i = 0; i < 15; i += 1) {
      const headers = { "x-forwarded-for": `10.0.0.${i}` };
      statuses.push((await small.as("viewer", { url: "/api/v1/devices", headers })).statusCode);
    }

    expect(statuses.filter((status) => status === 200)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(5);
  });
});

describe("guessed tokens", () => {
  it("count for the address, so that nobody can try many", async () => {
    await using small = await FacadeFixture.open({ requestsPerMinute: 10 });
    const statuses: number[] = [];
    for (let i = 0; i < 15; i += 1) {
      const headers = { authorization: `Bearer guess-${i}`, "x-forwarded-for": `10.0.0.${i}` };
      statuses.push((await small.app.inject({ url: "/api/v1/devices", headers })).statusCode);
    }

    expect(statuses).toEqual([...Array<number>(10).fill(401), ...Array<number>(5).fill(429)]);
  });
});

describe("attacks on the live socket", () => {
  const opened = (protocols: string[], init: Record<string, string> = {}): Promise<string> =>
    raw(
      [
        "GET /ws HTTP/1.1",
        "Host: 127.0.0.1",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ...(protocols.length === 0 ? [] : [`Sec-WebSocket-Protocol: ${protocols.join(", ")}`]),
        ...Object.entries(init).map(([name, value]) => `${name}: ${value}`),
        "",
        "",
      ].join("\r\n"),
      500,
    );

  it("opens with a token only, and for no page of another origin", async () => {
    const without = await opened([]);
    const altered = await opened(["fdi-host", `bearer.${token}x`]);
    const foreign = await opened(["fdi-host", `bearer.${token}`], { Origin: "https://evil.example" });
    const right = await opened(["fdi-host", `bearer.${token}`], { Origin: "http://127.0.0.1" });

    expect([without, altered, foreign, right].map((answer) => answer.slice(9, 12))).toEqual([
      "401",
      "401",
      "403",
      "101",
    ]);
    expect(right.toLowerCase()).toContain("sec-websocket-protocol: fdi-host");
    expect(right).not.toContain(token);
  });

  it.each([
    ["a frame of a megabyte", () => "x".repeat(1024 * 1024), 1009],
    ["binary", () => new Uint8Array([1, 2, 3]), 1008],
  ] as const)("closes on %s", async (_name, message, code) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, ["fdi-host", `bearer.${token}`]);
    const closed = new Promise<number>((resolve) => socket.addEventListener("close", (event) => resolve(event.code)));
    await new Promise((resolve) => socket.addEventListener("open", resolve));

    socket.send(message());

    expect(await closed).toBe(code);
  });

  it("closes on a flood of subscriptions, and forgets them", async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, ["fdi-host", `bearer.${token}`]);
    const closed = new Promise<number>((resolve) => socket.addEventListener("close", (event) => resolve(event.code)));
    await new Promise((resolve) => socket.addEventListener("open", resolve));

    for (let i = 0; i < 10_000; i += 1) socket.send(JSON.stringify({ type: "subscribe", id: String(i), alarms: {} }));

    expect(await closed).toBe(1008);
    await until(
      "the subscriptions to go",
      2_000,
      async () => facade.parts.hub.counts().subscriptions === 0 || undefined,
    );
  });
});
