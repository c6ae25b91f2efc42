import type { Logger } from "#lib/logger.ts";

/** A logger that keeps its lines for the test to read. */
export function recordingLog(): Logger & { readonly lines: string[] } {
  const lines: string[] = [];
  const line =
    (level: string) =>
    (first: unknown, second?: unknown): void => {
      lines.push(`${level} ${typeof first === "string" ? first : String(second)}`);
    };
  const log = {
    lines,
    trace: line("trace"),
    debug: line("debug"),
    info: line("info"),
    warn: line("warn"),
    error: line("error"),
    child: () => log,
  };
  return log;
}
