import type { Server, Socket } from "node:net";
import type { OPCUAServer, ServerSession } from "node-opcua";
import type { Clock } from "#lib/clock.ts";

export interface ConnectionGuardOptions {
  readonly clock: Clock;
  /** A connection without an activated session is closed after this time. */
  readonly sessionWithinMs?: number;
  /** A connection without an activated session is closed after this many bytes; a login takes about 15 KB. */
  readonly bytesBeforeSession?: number;
  /** More connections without a session than this: the oldest of them is closed. */
  readonly maxWithoutSession?: number;
}

/** Where a connection comes from: the one thing that node-opcua's channels and Node's sockets both know. */
interface Origin {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

interface Stranger {
  readonly socket: Socket;
  readonly deadline: Disposable;
  readonly onData: () => void;
}

/**
 * Bounds what connections cost before somebody has logged in on them: how long they may stay, how much they may send and
 * how many there may be. node-opcua (2.186.4) waits 3 minutes for a Hello and gathers 16 MB for each of them.
 * Call after the server was started.
 */
export function installConnectionGuard(server: OPCUAServer, options: ConnectionGuardOptions): void {
  const guard = new ConnectionGuard(options);
  for (const endpoint of server.endpoints) {
    const { _server: listener } = endpoint as unknown as { readonly _server?: Server };
    listener?.on("connection", (socket: Socket) => guard.connected(socket));
  }
  server.on("newChannel", (channel: Origin) => guard.spoke(channel));
  server.on("session_activated", (session: ServerSession) => {
    if (session.channel !== undefined) guard.admitted(session.channel);
  });
}

class ConnectionGuard {
  readonly #clock: Clock;
  readonly #sessionWithinMs: number;
  readonly #bytesBeforeSession: number;
  readonly #maxWithoutSession: number;
  /** In the order in which they came. */
  readonly #strangers = new Map<string, Stranger>();

  constructor(options: ConnectionGuardOptions) {
    this.#clock = options.clock;
    this.#sessionWithinMs = options.sessionWithinMs ?? 20_000;
    this.#bytesBeforeSession = options.bytesBeforeSession ?? 128 * 1024;
    this.#maxWithoutSession = options.maxWithoutSession ?? 200;
  }

  connected(socket: Socket): void {
    const key = keyOf(socket);
    this.#strangers.set(key, {
      socket,
      deadline: this.#clock.after(this.#sessionWithinMs, () => socket.destroy()),
      onData: () => {
        if (socket.bytesRead > this.#bytesBeforeSession) socket.destroy();
      },
    });
    socket.once("close", () => this.#forget(key));
    if (this.#strangers.size <= this.#maxWithoutSession) return;
    const [oldest] = this.#strangers;
    if (oldest === undefined) return;
    this.#forget(oldest[0]);
    oldest[1].socket.destroy();
  }

  /** The Hello was accepted. Not before, because listening to data starts its flow. */
  spoke(origin: Origin): void {
    const stranger = this.#strangers.get(keyOf(origin));
    stranger?.socket.on("data", stranger.onData);
  }

  /** Somebody logged in. */
  admitted(origin: Origin): void {
    this.#forget(keyOf(origin));
  }

  #forget(key: string): void {
    const stranger = this.#strangers.get(key);
    if (stranger === undefined) return;
    this.#strangers.delete(key);
    stranger.deadline[Symbol.dispose]();
    stranger.socket.off("data", stranger.onData);
  }
}

function keyOf({ remoteAddress, remotePort }: Origin): string {
  return `${remoteAddress ?? ""} ${remotePort ?? 0}`;
}
