import { spawn } from "node:child_process";
import { join } from "node:path";

/** The figures of one benchmark, as its last line of output gives them. */
export type Figures = Readonly<Record<string, unknown>>;

/** Runs one benchmark in a process of its own. Throws when it fails or its last line is not a JSON object. */
export async function runBench(name: string, args: readonly string[]): Promise<Figures> {
  const main = join(import.meta.dirname, "../main.ts");
  const child = spawn(process.execPath, [main, name, "--json", ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((done) => child.once("close", done));
  const lines = Buffer.concat(chunks).toString("utf8").trimEnd().split("\n");
  if (code !== 0) throw new Error(`bench ${name} ended with ${code}: ${lines.slice(-3).join(" | ")}`);
  const figures: unknown = JSON.parse(lines.at(-1) ?? "");
  if (typeof figures !== "object" || figures === null) throw new Error(`bench ${name} gave no figures`);
  return Object.fromEntries(Object.entries(figures));
}
