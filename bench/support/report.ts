import { availableParallelism, cpus } from "node:os";

/** Prints the figures as a small table and, as the last line, as one JSON object with the machine they come from. */
export function report(bench: string, figures: Readonly<Record<string, number | string | null>>): void {
  for (const [name, value] of Object.entries(figures)) {
    const shown = typeof value === "number" ? String(Math.round(value * 1000) / 1000) : String(value);
    process.stdout.write(`${name.padEnd(24)}${shown}\n`);
  }
  const machine = { cores: availableParallelism(), cpu: cpus()[0]?.model ?? "", node: process.version };
  process.stdout.write(`${JSON.stringify({ bench, ...figures, machine })}\n`);
}
