import { readdirSync } from "node:fs";

/** `npm run bench -- NAME [--json] [options]`: runs one benchmark; the last line of its output is one JSON object. */

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".ts") && file !== "main.ts")
  .map((file) => file.slice(0, -".ts".length))
  .sort();
const [name] = process.argv.splice(2, 1);

if (name === undefined || !names.includes(name)) {
  process.stderr.write(`usage: npm run bench -- NAME [--json] [options]\nbenchmarks: ${names.join(", ")}\n`);
  process.exit(name === "--help" ? 0 : 1);
}
await import(`./${name}.ts`);
