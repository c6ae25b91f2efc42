import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import type { Cost, Order } from "./opcua-bench-child.ts";

/** The OPC UA part of the host over synthetic breakers, in a process of its own. */
export class MeasuredServer implements AsyncDisposable {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(port: number, child: ChildProcess) {
    this.port = port;
    this.#child = child;
  }

  /** `profile`: a folder for a CPU profile. */
  static async start(devices: number, variables: number, profile?: string): Promise<MeasuredServer> {
    const port = await freePort();
    const file = new URL("./opcua-bench-child.ts", import.meta.url);
    const profiling = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`];
    const child = fork(file, [String(port), String(devices), String(variables)], {
      execArgv: [...process.execArgv, ...profiling],
    });
    await once(child, "message");
    return new MeasuredServer(port, child);
  }

  /** Changes values for some seconds; gives what that cost. */
  async run(order: Order, seconds: number): Promise<Cost> {
    this.#child.send({ order });
    await sleep(seconds * 1000);
    const answer = once(this.#child, "message");
    this.#child.send({ ask: true });
    const [cost] = (await answer) as [Cost];
    return cost;
  }

  /** CPU time (us) of node-opcua's own way to set a value that nobody watches, in the same process. */
  async limitUs(): Promise<number> {
    const answer = once(this.#child, "message");
    this.#child.send({ limit: true });
    const [us] = (await answer) as [number];
    return us;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGINT");
    await ended;
  }
}
