import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** What live sockets got since they were asked last. */
export interface Tally {
  readonly frames: number;
  readonly bytes: number;
  /** From the time in the message to the arrival, milliseconds; of frames in the device form. */
  readonly latencies: readonly number[];
}

/** Logs in over HTTP; gives the token. */
export async function login(base: string, user: string, password: string): Promise<string> {
  const answer = await fetch(`${base}/api/v1/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ user, password }),
  });
  const text = await answer.text();
  const { token } = JSON.parse(text) as { readonly token?: string };
  if (token === undefined) throw new Error(`login: ${text}`);
  return token;
}

/** Starts a file of this folder as a process of its own. */
export function child(file: string, args: readonly string[]): ChildProcess {
  return fork(new URL(`./${file}`, import.meta.url), args);
}

/** The next message of a process; rejects when it ends instead. */
export async function messageOf<T>(from: ChildProcess): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const ended = (code: number | null): void =>
    reject(new Error(`${from.spawnargs[1] ?? ""} ended with ${String(code)}`));
  from.once("exit", ended);
  try {
    const [answer] = (await Promise.race([once(from, "message"), promise])) as [T];
    return answer;
  } finally {
    from.removeListener("exit", ended);
  }
}

/** Asks a process and gives its answer. */
export async function answerOf<T>(from: ChildProcess, question: string): Promise<T> {
  from.send(question);
  return messageOf<T>(from);
}

export interface LiveClients {
  /** Of the HTTP server, e.g. `http://127.0.0.1:8080`. */
  readonly base: string;
  readonly token: string;
  readonly clients: number;
  /** The subscription of each. */
  readonly wish: object;
}

/** Opens live sockets in a process of their own; resolves when all are subscribed. */
export async function startClients({ base, token, clients, wish }: LiveClients): Promise<ChildProcess> {
  const subscribe = JSON.stringify({ type: "subscribe", id: "bench", ...wish });
  const process = child("ws-bench-clients.ts", [`${base.replace("http", "ws")}/ws`, token, String(clients), subscribe]);
  await messageOf(process);
  return process;
}
