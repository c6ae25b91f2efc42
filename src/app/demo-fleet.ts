import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Logger } from "#lib/logger.ts";

export interface DemoFleetOptions {
  readonly devices: number;
  readonly brokerUrl: string;
  /** Login at the broker; undefined: none is needed. */
  readonly login: { readonly username: string; readonly password: string } | undefined;
  readonly log: Logger;
}

const passwordVariable = "FDI_HOST_DEMO_MQTT_PASSWORD";
const stopGraceMs = 1_500;

/** Simulated breakers in a process of their own: they know the host only through the broker. */
export class DemoFleet implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #stopping = false;

  constructor(options: DemoFleetOptions) {
    const args = [
      "--devices",
      String(options.devices),
      "--protocol",
      "mixed",
      "--broker",
      options.brokerUrl,
      "--demo-event",
      ...(options.login === undefined
        ? []
        : ["--username", options.login.username, "--password-env", passwordVariable]),
    ];
    // By environment: arguments are shown to everybody on the machine.
    const env = {
      ...process.env,
      ...(options.login === undefined ? {} : { [passwordVariable]: options.login.password }),
    };
    const main = fileURLToPath(new URL("../../simulator/main.ts", import.meta.url));
    this.#child = fork(main, args, { stdio: ["ignore", "ignore", "pipe", "ipc"], env });
    this.#child.stderr?.on("data", (chunk: Buffer) => options.log.warn(`simulator: ${chunk.toString("utf8").trim()}`));
    const exited = Promise.withResolvers<void>();
    this.#child.once("error", (error) => {
      options.log.error({ err: error }, "the demo fleet could not be started");
      exited.resolve();
    });
    this.#child.once("exit", (code, signal) => {
      if (!this.#stopping) options.log.error(`the demo fleet stopped by itself (${signal ?? `exit code ${code}`})`);
      exited.resolve();
    });
    this.#exited = exited.promise;
  }

  /** Process id of the simulator. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping = true;
    this.#child.kill("SIGTERM");
    const kill = setTimeout(() => this.#child.kill("SIGKILL"), stopGraceMs);
    await this.#exited;
    clearTimeout(kill);
  }
}
