import { messageOf } from "#model/errors.ts";
import { PackageError } from "#model/package-problem.ts";

export const entryStates = ["installed", "active", "retired"] as const;

/** `active`: new devices get this revision; `installed`: there, for devices that have it; `retired`: no longer to be used. */
export type EntryState = (typeof entryStates)[number];

const signatureStates = ["trusted", "untrusted", "unsigned", "not-checked"] as const;

/** One revision of a package in the catalogue. */
export interface CatalogueEntry {
  /** `id@revision`. */
  readonly key: string;
  readonly id: string;
  readonly revision: string;
  readonly state: EntryState;
  /** Name of the device type; empty for packages that are not interpreted. */
  readonly typeName: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly namespaceUri: string;
  /** Types that devices declare. */
  readonly declaredTypes: readonly string[];
  /** False for containers of other vendors: their EDD is not interpreted, they can be shown but not activated. */
  readonly interpreted: boolean;
  readonly format: "fdi" | "fdix";
  readonly size: number;
  /** Of the file, hexadecimal; also its name. */
  readonly sha256: string;
  /** Name of the file that was imported. */
  readonly source: string;
  readonly importedAt: number;
  readonly importedBy: string;
  /** State of the signature when it was imported. */
  readonly signature: (typeof signatureStates)[number];
  /** Subject of the signer's certificate; empty when there was none, or none that was trusted. */
  readonly signer: string;
}

const indexVersion = 1;

/** The index file of a catalogue as text. */
export function writeIndex(entries: readonly CatalogueEntry[]): string {
  return `${JSON.stringify({ version: indexVersion, packages: entries }, undefined, 2)}\n`;
}

/** Reads an index file; throws PackageError `catalogue-broken` when it is not one of ours. */
export function readIndex(text: string, file: string): readonly CatalogueEntry[] {
  const broken = (message: string): PackageError => new PackageError("catalogue-broken", `${file}: ${message}`);
  let index: unknown;
  try {
    index = JSON.parse(text);
  } catch (error) {
    throw broken(messageOf(error));
  }
  const fields = fieldsOf(index);
  if (fields.get("version") !== indexVersion) throw broken(`expected version ${indexVersion}`);
  const packages = fields.get("packages");
  if (!Array.isArray(packages)) throw broken("expected a list of packages");
  return packages.map((entry: unknown, i) => entryOf(entry) ?? raise(broken(`entry ${i + 1} cannot be read`)));
}

function raise(error: Error): never {
  throw error;
}

function entryOf(value: unknown): CatalogueEntry | undefined {
  const fields = fieldsOf(value);
  const text = (name: string): string => textIn(fields, name);
  const state = entryStates.find((candidate) => candidate === text("state"));
  const signature = signatureStates.find((candidate) => candidate === text("signature"));
  const format = text("format");
  // The hash is part of a path: nothing but a hash may get there.
  const isSound = /^[0-9a-f]{64}$/.test(text("sha256")) && text("key") === `${text("id")}@${text("revision")}`;
  if (!isSound || state === undefined || signature === undefined) return undefined;
  if (format !== "fdi" && format !== "fdix") return undefined;
  const types = fields.get("declaredTypes");
  return {
    key: text("key"),
    id: text("id"),
    revision: text("revision"),
    state,
    typeName: text("typeName"),
    manufacturer: text("manufacturer"),
    model: text("model"),
    namespaceUri: text("namespaceUri"),
    declaredTypes: Array.isArray(types) ? types.filter((type) => typeof type === "string") : [],
    interpreted: fields.get("interpreted") === true,
    format,
    size: numberIn(fields, "size"),
    sha256: text("sha256"),
    source: text("source"),
    importedAt: numberIn(fields, "importedAt"),
    importedBy: text("importedBy"),
    signature,
    signer: text("signer"),
  };
}

function textIn(fields: ReadonlyMap<string, unknown>, name: string): string {
  const value = fields.get(name);
  return typeof value === "string" ? value : "";
}

function numberIn(fields: ReadonlyMap<string, unknown>, name: string): number {
  const value = fields.get(name);
  return typeof value === "number" ? value : 0;
}

function fieldsOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === "object" && value !== null ? Object.entries(value) : []);
}
