import websocket, { type WebSocket } from "@fastify/websocket";
import { Type } from "typebox";
import type { LiveClient } from "#rest/live/live-client.ts";
import { frameOf, type LiveHub } from "#rest/live/live-hub.ts";
import { readWish, type Wish } from "#rest/live/wishes.ts";
import type { Api } from "#rest/server/api.ts";
import { callerOf } from "#rest/server/caller.ts";
import { RequestRefused } from "#rest/status.ts";

export interface LiveRouteOptions {
  readonly hub: LiveHub;
  /** Origins of web pages that may connect besides the host's own. */
  readonly corsOrigins: readonly string[];
}

/** A client that offers it besides its token is answered with it. */
export const liveSubprotocol = "fdi-host";
/** The largest message a client may send. */
const maxPayload = 256 * 1024;
/** Messages that a client may send within `windowMs`. */
const maxMessages = 50;
const windowMs = 10_000;
const policyViolated = 1008;
const tooMany = 1013;

const liveQuery = Type.Object({
  devices: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 1_000 })),
  parameters: Type.Optional(Type.Array(Type.String({ maxLength: 200 }), { maxItems: 500 })),
  intervalMs: Type.Optional(Type.Number({ minimum: 0, maximum: 60_000 })),
});

/** `/ws`: live values, alarms, events and commands, as a client asks for them. */
export async function liveRoutes(app: Api, { hub, corsOrigins }: LiveRouteOptions): Promise<void> {
  await app.register(websocket, {
    options: {
      maxPayload,
      perMessageDeflate: false,
      handleProtocols: (offered: Set<string>) => (offered.has(liveSubprotocol) ? liveSubprotocol : false),
    },
  });
  app.register((scope: Api, _options: unknown, done: () => void) => {
    scope.get(
      "/ws",
      {
        websocket: true,
        config: { action: "device.read" },
        schema: { hide: true, querystring: liveQuery },
        preValidation: async ({ headers }) => {
          // A page of another origin must not use the cookie that a browser sends along.
          const { origin, host } = headers;
          if (origin === undefined || corsOrigins.includes(origin) || hostOf(origin) === host) return;
          throw new RequestRefused("origin-foreign", `pages of ${origin.slice(0, 100)} may not connect`);
        },
      },
      (socket, request) => {
        const { session } = callerOf(request);
        const client = session === undefined ? undefined : hub.join(socket, session.id);
        if (client === undefined) {
          socket.close(tooMany, "too many live sockets");
          return;
        }
        serve(socket, client, hub);
        const { devices, parameters, intervalMs = 0 } = request.query;
        if (devices === undefined) return;
        // The form of the legacy stream: what it is about stands in the address.
        const values = {
          ...(devices.includes("*") ? {} : { devices }),
          intervalMs,
          form: "device",
          snapshot: false,
        } as const;
        const wanted = parameters === undefined ? values : { ...values, parameters };
        hub.subscribe(client, { type: "subscribe", id: "address", values: wanted });
      },
    );
    done();
  });
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

function serve(socket: WebSocket, client: LiveClient, hub: LiveHub): void {
  let windowStart = 0;
  let messages = 0;
  socket.on("message", (data, isBinary) => {
    if (socket.readyState !== socket.OPEN) return;
    const now = performance.now();
    if (now - windowStart > windowMs) [windowStart, messages] = [now, 0];
    messages += 1;
    if (isBinary || messages > maxMessages) {
      socket.close(policyViolated, isBinary ? "expected text" : `more than ${maxMessages} messages in ${windowMs} ms`);
      return;
    }
    hub.noteUse(client);
    const problem = carryOut(readWish(textOf(data)), client, hub);
    if (problem !== undefined) client.sendSnapshot([frameOf({ type: "error", message: problem })]);
  });
  socket.on("pong", () => (client.isAlive = true));
  socket.on("close", () => hub.leave(client));
  // A broken frame or connection: `close` follows.
  socket.on("error", () => hub.leave(client));
}

function carryOut(wish: Wish | string, client: LiveClient, hub: LiveHub): string | undefined {
  if (typeof wish === "string") return wish;
  if (wish.type === "subscribe") return hub.subscribe(client, wish);
  hub.unsubscribe(client, wish.id);
  return undefined;
}

/** Text frames come as a Buffer, in one piece or several. */
function textOf(data: Buffer | ArrayBuffer | Buffer[]): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString("utf8");
  return data instanceof ArrayBuffer ? Buffer.from(data).toString("utf8") : data.toString("utf8");
}
