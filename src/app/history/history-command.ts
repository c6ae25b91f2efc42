import { once } from "node:events";
import { existsSync } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { takeDataFolder } from "#app/data-folder.ts";
import { databaseUrlOf } from "#app/database-url.ts";
import type { HostConfig } from "#config/host-config.ts";
import { loadConfig } from "#config/load-config.ts";
import { openHistorian } from "#historian/historian.ts";
import { systemClock } from "#lib/clock.ts";
import { createTextLogger } from "#lib/logger.ts";
import { HostError, messageOf } from "#model/errors.ts";
import { type HistoryArguments, historyHelp, readHistoryArguments, WrongArguments } from "./history-arguments.ts";
import { askHost } from "./history-socket.ts";
import { type HistoryTask, runHistoryTask } from "./history-task.ts";
import { copyHostFiles, restoreHostFiles } from "./host-files.ts";

export interface HistoryCommandIo {
  readonly out: NodeJS.WritableStream;
  readonly err: (text: string) => void;
  readonly env: NodeJS.ProcessEnv;
  readonly workingFolder: string;
}

const exitCodes = { done: 0, notDone: 1, calledWrongly: 2 } as const;

/** The folder of a backup that holds the files of the data folder. */
const hostFolder = "host";

/** Runs `fdi backup`, `restore` or `export`; gives the exit code. */
export async function runHistoryCommand(name: string, args: readonly string[], io: HistoryCommandIo): Promise<number> {
  try {
    const given = readHistoryArguments(name, args);
    if (given === undefined) {
      io.out.write(historyHelp);
      return exitCodes.done;
    }
    const { env, workingFolder } = io;
    const config = await loadConfig({ file: given.config, demo: false, env, workingFolder });
    await run(given, config, io);
    return exitCodes.done;
  } catch (error) {
    io.err(`${messageOf(error)}\n`);
    if (!(error instanceof WrongArguments)) return exitCodes.notDone;
    io.err(`see npm run fdi -- ${name} --help\n`);
    return exitCodes.calledWrongly;
  }
}

async function run(given: HistoryArguments, config: HostConfig, io: HistoryCommandIo): Promise<void> {
  const { task } = given;
  if (task.name === "export") {
    await writeTo(given.out, piecesOf(task, config), io);
    return;
  }
  if (task.name === "backup" && existsSync(task.folder) && (await readdir(task.folder)).length > 0) {
    throw new WrongArguments(`${task.folder} is not empty: a backup needs a folder of its own`);
  }
  const files =
    task.name === "restore" && !given.historyOnly
      ? await filesRestored(join(task.folder, hostFolder), config.dataFolder)
      : undefined;
  const pieces: Uint8Array[] = [];
  for await (const piece of piecesOf(task, config)) pieces.push(piece);
  const copied = task.name === "backup" ? await copyHostFiles(config.dataFolder, join(task.folder, hostFolder)) : files;
  const summary: unknown = JSON.parse(Buffer.concat(pieces).toString("utf8"));
  io.out.write(`${JSON.stringify({ ...(typeof summary === "object" ? summary : {}), files: copied ?? 0 })}\n`);
}

/** Files of the data folder come back only while no host uses them. */
async function filesRestored(from: string, dataFolder: string): Promise<number | undefined> {
  try {
    using _lock = await takeDataFolder(dataFolder);
    return await restoreHostFiles(from, dataFolder);
  } catch (error) {
    if (error instanceof HostError && error.code === "data-folder-in-use") return undefined;
    throw error;
  }
}

/** The answer to a task: of the host that runs on the data folder, else of a historian of our own. */
async function* piecesOf(task: HistoryTask, config: HostConfig): AsyncGenerator<Uint8Array> {
  const folder = join(config.dataFolder, "history");
  const databaseUrl = await databaseUrlOf(config);
  if (task.name !== "restore" && databaseUrl === undefined && !existsSync(folder)) {
    throw new HostError("argument-invalid", `There is no history in ${config.dataFolder} (FDI_HOST_DATA, --config)`);
  }
  const historian = await openHistorian({
    folder,
    databaseUrl,
    clock: systemClock,
    logger: createTextLogger("error", process.stderr),
    random: Math.random,
    ...config.history,
  }).catch((error: unknown) => {
    if (error instanceof HostError && error.code === "data-folder-in-use") return undefined;
    throw error;
  });
  if (historian === undefined) {
    yield* askHost(folder, task);
    return;
  }
  await using opened = historian;
  yield* runHistoryTask(opened, task);
}

async function writeTo(
  path: string | undefined,
  pieces: AsyncIterable<Uint8Array>,
  { out }: HistoryCommandIo,
): Promise<void> {
  if (path === undefined) {
    for await (const piece of pieces) if (!out.write(piece)) await once(out, "drain");
    return;
  }
  await using file = await open(path, "w", 0o600);
  for await (const piece of pieces) await file.writeFile(piece);
}
