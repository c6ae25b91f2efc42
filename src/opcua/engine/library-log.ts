import { setErrorLogger, setWarningLogger } from "node-opcua";
import type { Logger } from "#lib/logger.ts";

/** Sends what node-opcua would print to the terminal into our log; one logger for the whole process. */
export function routeLibraryLog(log: Logger): void {
  setWarningLogger((...parts: unknown[]) => log.debug(textOf(parts)));
  setErrorLogger((...parts: unknown[]) => log.warn(textOf(parts)));
}

function textOf(parts: readonly unknown[]): string {
  return parts
    .map((part) => (part instanceof Error ? part.message : String(part)))
    .join(" ")
    .trim();
}
