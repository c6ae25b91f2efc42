import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { zstdDecompress } from "node:zlib";
import type { SeriesInfo } from "#historian/store/history-store.ts";
import { dataTypes } from "#model/data-type.ts";
import { HostError, messageOf } from "#model/errors.ts";

export const manifestName = "history.json";
const formatName = "fdi-host-history/1";

/** A file of a backup. */
export interface BackupFile {
  readonly name: string;
  readonly kind: "values" | "events" | "table";
  /** Rows in it. */
  readonly rows: number;
  /** Of the file as it is. */
  readonly sha256: string;
}

/** What a backup holds; written last, so that one without it is known to be unfinished. */
export interface BackupManifest {
  readonly format: typeof formatName;
  readonly created: string;
  readonly series: readonly SeriesInfo[];
  readonly files: readonly BackupFile[];
}

export function manifestText(created: string, series: readonly SeriesInfo[], files: readonly BackupFile[]): string {
  const manifest: BackupManifest = { format: formatName, created, series, files };
  return `${JSON.stringify(manifest, undefined, 1)}\n`;
}

/** Reads the manifest of the backup in `folder`; throws `argument-invalid` when there is none. */
export async function readManifest(folder: string): Promise<BackupManifest> {
  try {
    const value: unknown = JSON.parse(await readFile(join(folder, manifestName), "utf8"));
    if (isManifest(value)) return value;
    throw new Error("it is not of a format that this host knows");
  } catch (error) {
    throw new HostError("argument-invalid", `${folder} holds no complete backup of history: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

const decompress = promisify(zstdDecompress);

/** The content of a file of a backup; throws `argument-invalid` when it is not what was written. */
export async function readBackupFile(folder: string, file: BackupFile): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await readFile(join(folder, file.name));
  if (sha256Of(bytes) !== file.sha256) {
    throw new HostError("argument-invalid", `${join(folder, file.name)} is damaged: its SHA-256 is not ${file.sha256}`);
  }
  return new Uint8Array(await decompress(bytes));
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function isManifest(value: unknown): value is BackupManifest {
  if (!isObject(value) || value["format"] !== formatName || typeof value["created"] !== "string") return false;
  const { series, files } = value;
  return Array.isArray(series) && series.every(isSeries) && Array.isArray(files) && files.every(isFile);
}

function isSeries(value: unknown): value is SeriesInfo {
  if (!isObject(value)) return false;
  const texts = ["key", "device", "parameter", "unit"].every((name) => typeof value[name] === "string");
  return texts && dataTypes.some((type) => type === value["dataType"]);
}

/** Names are checked: a backup may come from anywhere. */
function isFile(value: unknown): value is BackupFile {
  if (!isObject(value) || typeof value["name"] !== "string" || typeof value["sha256"] !== "string") return false;
  return /^[a-z_0-9-]+\.zst$/.test(value["name"]) && ["values", "events", "table"].includes(String(value["kind"]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
