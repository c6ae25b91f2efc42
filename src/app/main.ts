import { readFileSync } from "node:fs";
import { loadConfig } from "#config/load-config.ts";
import { systemClock } from "#lib/clock.ts";
import { createJsonLogger, createTextLogger } from "#lib/logger.ts";
import { HostError } from "#model/errors.ts";
import { helpText, readCommandLine } from "./command-line.ts";

const statusPeriodMs = 30_000;
const stopLimitMs = 10_000;

const exitCodes = { ok: 0, failed: 1 } as const;

async function main(): Promise<void> {
  const startedAt = performance.now();
  const line = readCommandLine(process.argv.slice(2));
  const version = ownVersion();
  if (line.help || line.version) {
    process.stdout.write(line.help ? helpText : `${version}\n`);
    return;
  }
  const config = await loadConfig({ ...line, file: line.config, env: process.env, workingFolder: process.cwd() });
  process.stdout.write(`fdi-host ${version} is starting ...\n`);
  const stop = stopSignal();
  // Loaded late, so that the line above is on the screen before the OPC UA stack (0.7 s) is read.
  const [{ startHost }, { bannerOf }, { startStatusLine }] = await Promise.all([
    import("./host.ts"),
    import("./banner.ts"),
    import("./status-line.ts"),
  ]);
  const { level, format } = config.log;
  const log = format === "json" ? createJsonLogger(level, process.stdout) : createTextLogger(level, process.stderr);
  if (config.opcua.isInsecure)
    log.warn("INSECURE: anybody who reaches the OPC UA port may look, unencrypted (--insecure)");
  await using host = await startHost(config, { log, version });
  process.stdout.write(bannerOf(host, version, (performance.now() - startedAt) / 1000));
  using _status = startStatusLine(host, systemClock, statusPeriodMs, (text) => process.stdout.write(text));
  process.stdout.write(`\n${await stop}: stopping ...\n`);
}

/** Resolves with the name of the first signal to stop; a second one, or a stop that hangs, ends the process at once. */
function stopSignal(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let stopping = false;
  const onSignal = (signal: string): void => {
    if (stopping) process.exit(exitCodes.failed);
    stopping = true;
    setTimeout(() => process.exit(exitCodes.failed), stopLimitMs).unref();
    resolve(signal);
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  return promise;
}

function ownVersion(): string {
  const content: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return typeof content === "object" && content !== null && "version" in content ? String(content.version) : "0";
}

try {
  await main();
  process.exit(exitCodes.ok);
} catch (error) {
  const known = HostError.from(error);
  process.stderr.write(
    known === undefined
      ? `fdi-host failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`
      : `fdi-host: ${known.message}\n`,
  );
  process.exit(exitCodes.failed);
}
