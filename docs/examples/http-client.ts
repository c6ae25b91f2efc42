/**
 * A small typed client of the HTTP API: lists the breakers, follows one live, trips it and tells what became of it.
 *
 *   node docs/examples/http-client.ts http://127.0.0.1:8080 admin PASSWORD CB-0001
 *
 * The types are those of the host's own schemas. Outside this repository make them from http://127.0.0.1:8080/docs/json,
 * e.g. with `npx openapi-typescript`.
 */
import type { Static } from "typebox";
import type { Outcome } from "#rest/schemas/command.ts";
import type { Failure } from "#rest/schemas/common.ts";
import type { DeviceSummary, LiveValues } from "#rest/schemas/device.ts";
import type { Login } from "#rest/schemas/session.ts";

interface Page<T> {
  readonly items: readonly T[];
  readonly total: number;
}

/** What a live socket sends about values. */
interface ValuesFrame {
  readonly type: "subscribed" | "snapshot" | "values" | "resync";
  readonly values?: readonly { readonly device: string; readonly timestamp: string; readonly data: object }[];
}

class Client {
  readonly #base: string;
  #token = "";

  constructor(base: string) {
    this.#base = base;
  }

  async login(user: string, password: string): Promise<Static<typeof Login>> {
    const login = await this.#ask<Static<typeof Login>>("POST", "/api/v1/login", { user, password });
    this.#token = login.token;
    return login;
  }

  devices(query: string): Promise<Page<Static<typeof DeviceSummary>>> {
    return this.#ask("GET", `/api/v1/devices?${query}`);
  }

  values(device: string): Promise<Static<typeof LiveValues>> {
    return this.#ask("GET", `/api/v1/devices/${encodeURIComponent(device)}/values`);
  }

  /** Answers when the device itself showed the effect. */
  command(device: string, name: string, given: Record<string, string> = {}): Promise<Static<typeof Outcome>> {
    return this.#ask("POST", `/api/v1/devices/${encodeURIComponent(device)}/commands/${name}`, { arguments: given });
  }

  /** Calls `onFrame` with everything that changes on a device until the socket is closed. */
  follow(device: string, onFrame: (frame: ValuesFrame) => void): WebSocket {
    const socket = new WebSocket(`${this.#base.replace("http", "ws")}/ws`, ["fdi-host", `bearer.${this.#token}`]);
    const wish = { type: "subscribe", id: "one", values: { devices: [device], intervalMs: 100 } };
    socket.addEventListener("open", () => socket.send(JSON.stringify(wish)));
    socket.addEventListener("message", ({ data }) => onFrame(JSON.parse(String(data)) as ValuesFrame));
    return socket;
  }

  async #ask<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await fetch(`${this.#base}${path}`, {
      method,
      headers: {
        ...(this.#token === "" ? {} : { authorization: `Bearer ${this.#token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (answer.ok) return (await answer.json()) as T;
    const { code, message } = (await answer.json()) as Failure;
    throw new Error(`${code}: ${message}`);
  }
}

const [base = "http://127.0.0.1:8080", user = "admin", password = "", device = "CB-0001"] = process.argv.slice(2);
const client = new Client(base);
const { roles } = await client.login(user, password);
console.log(`logged in as ${user}: ${roles.join(", ")}`);

const { items, total } = await client.devices("presence=online&pageSize=5");
console.log(`${total} online: ${items.map(({ id, position }) => `${id} ${position}`).join(", ")}`);

const first = Promise.withResolvers<void>();
const socket = client.follow(device, ({ type, values = [] }) => {
  console.log(type, ...values.map(({ device: id, data }) => `${id} ${JSON.stringify(data)}`));
  if (type === "snapshot") first.resolve();
});
await first.promise;

const { result, evidence } = await client.command(device, "Trip", { Reason: "drill" });
console.log(`${result}: ${evidence}`);
socket.close();
