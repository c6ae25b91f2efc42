import { readFileSync } from "node:fs";
import { readScenario } from "#simulator/scenario/read-scenario.ts";
import type { Scenario } from "#simulator/scenario/scenario.ts";
import { UsageError } from "./options.ts";

/** Reads and checks a scenario file. Throws UsageError with every problem as `file:line: message`. */
export function loadScenario(file: string, nowMs: number): Scenario {
  const { scenario, problems } = readScenario(textOf(file), nowMs);
  if (scenario !== undefined) return scenario;
  throw new UsageError(
    `this scenario cannot be played\n${problems.map((p) => `${file}:${p.line}: ${p.message}`).join("\n")}`,
  );
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`${file}: cannot be read (${error instanceof Error ? error.message : String(error)})`, {
      cause: error,
    });
  }
}
