import type { Finding } from "#simulator/scenario/judge.ts";
import { playOffline } from "#simulator/scenario/play.ts";
import { UsageError } from "./options.ts";
import { loadScenario } from "./scenario-file.ts";

/** One line per finding, those that failed marked. */
export function findingLines(findings: readonly Finding[]): string {
  return findings
    .map(({ line, deviceId, text, isMet }) => `  ${isMet ? "ok    " : "FAILED"} line ${line} ${deviceId}: ${text}\n`)
    .join("");
}

/** Plays scenario files offline and prints what they expected; true when everything came true. */
export function playFiles(files: readonly string[]): boolean {
  if (files.length === 0) throw new UsageError("play: expected at least one scenario file");
  let isMet = true;
  for (const file of files) {
    const scenario = loadScenario(file, Date.now());
    const { findings } = playOffline(scenario);
    process.stdout.write(`${scenario.name} (${scenario.durationMs / 1000} s)\n${findingLines(findings)}`);
    isMet &&= findings.every((finding) => finding.isMet);
  }
  return isMet;
}
