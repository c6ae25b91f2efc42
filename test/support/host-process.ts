import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { freePort } from "./free-port.ts";
import { until } from "./until.ts";

const root = resolve(import.meta.dirname, "../..");

export interface Ports {
  readonly opcua: number;
  readonly http: number;
  readonly mqtt: number;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process of the project (host or simulator), with everything it prints. */
export class ProjectProcess implements AsyncDisposable {
  readonly child: ChildProcess;
  output = "";
  errors = "";
  readonly exited: Promise<Exit>;

  constructor(script: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, [join(root, script), ...args], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child.stdout?.on("data", (chunk: Buffer) => (this.output += chunk.toString("utf8")));
    this.child.stderr?.on("data", (chunk: Buffer) => (this.errors += chunk.toString("utf8")));
    const { promise, resolve: done } = Promise.withResolvers<Exit>();
    this.child.once("exit", (code, signal) => done({ code, signal }));
    this.exited = promise;
  }

  /** Waits until the process has printed `pattern`. */
  async printed(pattern: RegExp, timeoutMs: number): Promise<RegExpMatchArray> {
    const missing = (): string => `${String(pattern)} in ${this.output}${this.errors}`;
    return until(missing, timeoutMs, () => {
      const found = this.output.match(pattern);
      if (found === null && this.child.exitCode !== null) throw new Error(`the process ended without ${missing()}`);
      return found ?? undefined;
    });
  }

  /** Sends a signal and waits for the end; gives the exit and how long it took. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<Exit & { readonly ms: number }> {
    const started = performance.now();
    this.child.kill(signal);
    const exit = await this.exited;
    return { ...exit, ms: performance.now() - started };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await this.stop("SIGKILL");
  }
}

export async function freePorts(): Promise<Ports> {
  return { opcua: await freePort(), http: await freePort(), mqtt: await freePort() };
}

export function hostEnvironment(ports: Ports, data: string): NodeJS.ProcessEnv {
  return {
    FDI_HOST_OPCUA_PORT: String(ports.opcua),
    FDI_HOST_HTTP_PORT: String(ports.http),
    FDI_HOST_MQTT_PORT: String(ports.mqtt),
    FDI_HOST_DATA: data,
  };
}

/** Starts the host as a user would, without waiting for anything. */
export function startHostProcess(ports: Ports, data: string, args: readonly string[] = []): ProjectProcess {
  return new ProjectProcess("src/app/main.ts", args, hostEnvironment(ports, data));
}

/** A folder that is gone when the test is over. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "fdi-host-test-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
