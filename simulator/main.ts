import { drawCurve } from "#simulator/cli/draw-curve.ts";
import { helpText } from "#simulator/cli/help.ts";
import { parseRunOptions, UsageError } from "#simulator/cli/options.ts";
import { playFiles } from "#simulator/cli/play-files.ts";
import { runFleet } from "#simulator/cli/run-fleet.ts";
import { tellAction, tellFault } from "#simulator/cli/tell.ts";

/** Runs what the command line asks for; resolves with whether it succeeded. */
async function run(args: readonly string[]): Promise<boolean> {
  if (args.includes("--help")) {
    process.stdout.write(helpText);
    return true;
  }
  const [word, ...rest] = args;
  switch (word) {
    case "fault":
      return tellFault(rest);
    case "tell":
      return tellAction(rest);
    case "play":
      return playFiles(rest);
    case "curve":
      drawCurve(rest);
      return true;
    default:
      return runFleet(parseRunOptions(args, process.env));
  }
}

try {
  const isDone = await run(process.argv.slice(2));
  // An open channel to a parent would keep the process alive.
  process.exit(isDone ? 0 : 1);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`simulator: ${error.message}\n`);
  process.exitCode = 2;
}
