import { Writable } from "node:stream";
import { type Logger as PinoLogger, pino } from "pino";

export type Logger = Pick<PinoLogger, "trace" | "debug" | "info" | "warn" | "error"> & {
  child(bindings: { readonly module: string }): Logger;
};

export const logLevels = ["trace", "debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** A logger that writes JSON lines to `destination` (one object per line, ISO time, level as word). */
export function createJsonLogger(level: LogLevel, destination: Writable): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: ["password", "*.password"],
    },
    destination,
  );
}

/** A logger for a person at a terminal: `08:15:02 warn  sparkplug  text  key=value`. */
export function createTextLogger(level: LogLevel, destination: Writable): Logger {
  const format = new Writable({
    write(chunk: Buffer, _encoding, done) {
      destination.write(textOf(chunk.toString("utf8")));
      done();
    },
  });
  return createJsonLogger(level, format);
}

const shownApart = new Set(["level", "time", "module", "msg", "err"]);

function textOf(line: string): string {
  const entry: unknown = JSON.parse(line);
  const fields = new Map<string, unknown>(Object.entries(entry ?? {}));
  const text = (key: string): string => {
    const value = fields.get(key);
    return typeof value === "string" ? value : "";
  };
  const extra = [...fields]
    .filter(([key]) => !shownApart.has(key))
    .map(([key, value]) => ` ${key}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("");
  const error = fields.get("err");
  const cause = error !== null && typeof error === "object" && "message" in error ? `: ${String(error.message)}` : "";
  return `${text("time").slice(11, 19)} ${text("level").padEnd(5)} ${text("module").padEnd(10)} ${text("msg")}${cause}${extra}\n`;
}
