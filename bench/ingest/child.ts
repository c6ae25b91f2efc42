import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** One of the processes of this benchmark: takes one order at a time and answers it. */
export class Child {
  readonly #process: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#process = child;
  }

  /** Starts a file of this folder; resolves once it says that it is ready. */
  static async start(file: string, args: readonly (string | number)[]): Promise<Child> {
    const child = new Child(fork(join(import.meta.dirname, file), args.map(String)));
    await child.#answer();
    return child;
  }

  /** Sends an order and gives its answer. Throws when the process ends instead. */
  async ask(order: object): Promise<Readonly<Record<string, number>>> {
    this.#process.send(order);
    return this.#answer();
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    await ended;
  }

  async #answer(): Promise<Readonly<Record<string, number>>> {
    const { promise, resolve, reject } = Promise.withResolvers<Readonly<Record<string, number>>>();
    const ended = (code: number | null): void => reject(new Error(`a process of the benchmark ended with ${code}`));
    this.#process.once("message", (answer: Readonly<Record<string, number>>) => resolve(answer));
    this.#process.once("exit", ended);
    const answer = await promise;
    this.#process.off("exit", ended);
    return answer;
  }
}

/** The other side: answers orders one after the other until it is told to end. */
export function serve(answer: (order: Readonly<Record<string, number>>) => Promise<object>): void {
  process.on("message", (order: Readonly<Record<string, number>>) => {
    answer(order).then(
      (result) => process.send?.(result),
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exit(1);
      },
    );
  });
  // Not left behind when the benchmark fails.
  process.once("disconnect", () => process.exit(1));
  process.send?.({});
}

/** CPU time of this process with all its threads, in microseconds. */
export function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
