import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Logger } from "#lib/logger.ts";
import { shownUrl } from "#lib/shown-url.ts";

export interface DemoFleetOptions {
  readonly devices: number;
  readonly brokerUrl: string;
  /** Login at the broker; undefined: none is needed. */
  readonly login: { readonly username: string; readonly password: string } | undefined;
  readonly log: Logger;
}

const passwordVariable = "FDI_HOST_DEMO_MQTT_PASSWORD";
const stopGraceMs = 1_500;

/** Where the simulator finds the broker and how it logs in there: a login within the address is taken out of it. */
export function simulatorAccess({
  brokerUrl,
  login,
}: Pick<DemoFleetOptions, "brokerUrl" | "login">): Pick<DemoFleetOptions, "login"> & { readonly broker: string } {
  const url = URL.parse(brokerUrl);
  if (url === null || url.username === "") return { broker: url === null ? shownUrl(brokerUrl) : brokerUrl, login };
  const own = { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  url.username = "";
  url.password = "";
  return { broker: url.href, login: own };
}

/** Simulated breakers in a process of their own: they know the host only through the broker. */
export class DemoFleet implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #stopping = false;

  constructor(options: DemoFleetOptions) {
    const { broker, login } = simulatorAccess(options);
    const args = [
      "--devices",
      String(options.devices),
      "--protocol",
      "mixed",
      "--broker",
      broker,
      "--demo-event",
      ...(login === undefined ? [] : ["--username", login.username, "--password-env", passwordVariable]),
    ];
    // By environment: arguments are shown to everybody on the machine.
    const env = { ...process.env, ...(login === undefined ? {} : { [passwordVariable]: login.password }) };
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
