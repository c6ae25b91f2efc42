import { Writable } from "node:stream";
import { createJsonLogger, type Logger } from "#lib/logger.ts";

/** A logger for tests that look at behaviour, not at the log. */
export function silentLogger(): Logger {
  return createJsonLogger("silent", new Writable({ write: (_chunk, _encoding, done) => done() }));
}
