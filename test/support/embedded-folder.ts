import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PgliteDriver } from "#historian/store/pglite-driver.ts";
import { systemClock } from "#lib/clock.ts";

let template: Promise<string> | undefined;

/** A folder with an empty embedded database, as a first start leaves it; made once, because that takes seconds. */
export async function embeddedFolder(): Promise<string> {
  template ??= makeTemplate();
  const folder = await mkdtemp(join(tmpdir(), "historian-"));
  await cp(join(await template, "pgdata"), join(folder, "pgdata"), { recursive: true });
  return folder;
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** Removes what embeddedFolder() copies from: at the end of a test file. */
export async function removeTemplate(): Promise<void> {
  if (template !== undefined) await removeFolder(await template);
  template = undefined;
}

async function makeTemplate(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "historian-template-"));
  await using driver = new PgliteDriver({ folder, clock: systemClock });
  await driver.execute("SELECT 1");
  return folder;
}
