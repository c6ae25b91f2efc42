import { runFdiCli } from "#fdi/cli/run-cli.ts";

process.exitCode = await runFdiCli(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  now: () => Date.now(),
  env: process.env,
});
