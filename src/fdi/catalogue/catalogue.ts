import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import type { SignatureRules } from "#fdi/container/signature-policy.ts";
import { type OpenedPackage, openPackage } from "#fdi/open-package.ts";
import type { XmlOptions } from "#fdi/xml/read-xml.ts";
import { writeFileAtomically } from "#lib/atomic-file.ts";
import type { Clock } from "#lib/clock.ts";
import { every } from "#lib/every.ts";
import { messageOf } from "#model/errors.ts";
import { PackageError, type PackageWarning } from "#model/package-problem.ts";
import { type CatalogueEntry, type EntryState, readIndex, writeIndex } from "./catalogue-entry.ts";
import { entryOf } from "./entry-of.ts";
import { checkActivation, checkImport } from "./import-rules.ts";

export type CatalogueChange = "imported" | "activated" | "retired" | "deleted" | "changed";

/** What happened to an entry; `entry` is as it is now, or as it was for `deleted`. */
export interface CatalogueEvent {
  readonly kind: CatalogueChange;
  readonly entry: CatalogueEntry;
}

export interface CatalogueOptions {
  /** The folder of the catalogue inside the data folder. */
  readonly folder: string;
  readonly clock: Clock;
  /** Asked at each import, because trust lists change. */
  readonly rules: () => Promise<Omit<SignatureRules, "now">>;
  /** Names of the devices that use this revision. */
  readonly usedBy: (key: string) => readonly string[];
}

export interface Import {
  readonly entry: CatalogueEntry;
  readonly warnings: readonly PackageWarning[];
  /** False when exactly this file was there already. */
  readonly isNew: boolean;
}

/**
 * The device packages of a host: an index file and one file per revision, named by its hash. Changes are made one after
 * the other, each visible as a whole or not at all, and told to every listener.
 */
export class Catalogue {
  readonly #options: CatalogueOptions;
  readonly #listeners = new Set<(event: CatalogueEvent) => void>();
  #entries: readonly CatalogueEntry[] = [];
  #indexText = "";
  #last: Promise<unknown> = Promise.resolve();

  private constructor(options: CatalogueOptions) {
    this.#options = options;
  }

  /** Opens the catalogue in a folder, empty when it is not there. Throws PackageError `catalogue-broken`. */
  static async open(options: CatalogueOptions): Promise<Catalogue> {
    const catalogue = new Catalogue(options);
    await catalogue.reload();
    return catalogue;
  }

  /** All revisions of all packages, by key. */
  list(): readonly CatalogueEntry[] {
    return this.#entries;
  }

  /** One revision; throws PackageError `not-in-catalogue`. */
  show(key: string): CatalogueEntry {
    const entry = this.#entries.find((candidate) => candidate.key === key);
    if (entry === undefined) throw new PackageError("not-in-catalogue", `no package ${key} in the catalogue`);
    return entry;
  }

  /** Tells `listener` about every change from now on. */
  onChange(listener: (event: CatalogueEvent) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  /** Whether a package would be taken in; throws PackageError as `import` does, and keeps nothing. */
  async check(bytes: Uint8Array, source: string): Promise<void> {
    const { entry } = await this.#candidate(bytes, source, "");
    checkImport(entry, this.#entries);
  }

  /** Takes a package in as `installed`. Nothing is written unless every check has passed. Throws PackageError. */
  async import(bytes: Uint8Array, source: string, by: string, options: XmlOptions = {}): Promise<Import> {
    const { entry, warnings } = await this.#candidate(bytes, source, by, options);
    return this.#change<Import>(async (entries) => {
      checkImport(entry, entries);
      const same = entries.find(({ key }) => key === entry.key);
      if (same !== undefined) return { entries, result: { entry: same, warnings, isNew: false } };
      await writeFileAtomically(this.#fileOf(entry), bytes);
      return {
        entries: [...entries, entry],
        result: { entry, warnings, isNew: true },
        event: "imported",
        key: entry.key,
      };
    });
  }

  /** Reads a package back; throws PackageError `checksum-mismatch` when its file is not the one that was imported. */
  async load(key: string): Promise<OpenedPackage> {
    const entry = this.show(key);
    const bytes = await this.#bytesOf(entry);
    // Whom to trust was decided at import: a certificate that has expired since does not take a running plant's type away.
    const policy = entry.signature === "not-checked" ? "off" : "warn";
    const { trust } = await this.#options.rules();
    return openPackage(bytes, entry.source, { policy, trust, now: this.#options.clock.now() }, { repair: true });
  }

  /** Makes this revision the one that new devices get; the active one of the same package steps back. */
  async activate(key: string): Promise<CatalogueEntry> {
    return this.#change(async (entries) => {
      const entry = this.show(key);
      const { policy } = await this.#options.rules();
      checkActivation(entry, entries, policy);
      await this.#bytesOf(entry);
      const changed = entries.map((other) => {
        if (other.id !== entry.id) return other;
        return withState(other, other.key === key ? "active" : other.state === "active" ? "installed" : other.state);
      });
      return { entries: changed, result: withState(entry, "active"), event: "activated", key };
    });
  }

  /** Takes a revision out of use; devices that have it keep it. */
  async retire(key: string): Promise<CatalogueEntry> {
    return this.#change(async (entries) => {
      const entry = withState(this.show(key), "retired");
      return {
        entries: entries.map((other) => (other.key === key ? entry : other)),
        result: entry,
        event: "retired",
        key,
      };
    });
  }

  /** Removes a revision; throws PackageError `in-use` while a device has it. */
  async delete(key: string): Promise<void> {
    const removed = await this.#change(async (entries) => {
      const entry = this.show(key);
      const users = this.#options.usedBy(key);
      if (users.length > 0) {
        const names = `${users.slice(0, 3).join(", ")}${users.length > 3 ? ", ..." : ""}`;
        throw new PackageError("in-use", `${key} is used by ${users.length} device(s): ${names}`);
      }
      return { entries: entries.filter((other) => other.key !== key), result: entry, event: "deleted", key };
    });
    if (!this.#entries.some(({ sha256 }) => sha256 === removed.sha256))
      await rm(this.#fileOf(removed), { force: true });
  }

  /** Takes over what another process wrote, and tells what changed. Throws PackageError `catalogue-broken`. */
  async reload(): Promise<void> {
    await this.#change(async (entries) => ({ entries, result: undefined }));
  }

  /** Looks for changes by other processes every `periodMs`; `failed` gets what goes wrong. */
  watch(periodMs: number, failed: (error: unknown) => void): Disposable {
    return every(this.#options.clock, periodMs, () => {
      this.reload().catch(failed);
    });
  }

  async #candidate(
    bytes: Uint8Array,
    source: string,
    by: string,
    options: XmlOptions = {},
  ): Promise<Omit<Import, "isNew">> {
    const rules = { ...(await this.#options.rules()), now: this.#options.clock.now() };
    const opened = await openPackage(bytes, source, rules, options);
    const entry = entryOf(opened, { bytes, source, importedAt: rules.now, importedBy: by });
    return { entry, warnings: opened.read?.warnings ?? [] };
  }

  async #change<T>(
    apply: (entries: readonly CatalogueEntry[]) => Promise<{
      readonly entries: readonly CatalogueEntry[];
      readonly result: T;
      readonly event?: CatalogueChange;
      readonly key?: string;
    }>,
  ): Promise<T> {
    const turn = this.#last.then(async () => {
      this.#takeOver(await this.#readIndexText());
      const { entries, result, event, key } = await apply(this.#entries);
      if (event === undefined) return result;
      const before = this.#entries;
      const text = writeIndex(entries.toSorted((a, b) => (a.key < b.key ? -1 : 1)));
      await writeFileAtomically(this.#indexFile, Buffer.from(text, "utf8"));
      this.#indexText = text;
      this.#entries = readIndex(text, this.#indexFile);
      const entry = (event === "deleted" ? before : this.#entries).find((candidate) => candidate.key === key);
      if (entry !== undefined) this.#tell({ kind: event, entry });
      return result;
    });
    // A change that failed must not fail the ones that wait behind it.
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  #takeOver(text: string): void {
    if (text === this.#indexText) return;
    const before = new Map(this.#entries.map((entry) => [entry.key, entry]));
    this.#entries = text === "" ? [] : readIndex(text, this.#indexFile);
    this.#indexText = text;
    for (const entry of this.#entries) {
      const old = before.get(entry.key);
      before.delete(entry.key);
      if (old === undefined) this.#tell({ kind: "imported", entry });
      else if (JSON.stringify(old) !== JSON.stringify(entry)) this.#tell({ kind: changeOf(old, entry), entry });
    }
    for (const entry of before.values()) this.#tell({ kind: "deleted", entry });
  }

  #tell(event: CatalogueEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  async #readIndexText(): Promise<string> {
    try {
      return await readFile(this.#indexFile, "utf8");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
      throw new PackageError("catalogue-broken", `${this.#indexFile}: ${messageOf(error)}`, undefined, {
        cause: error,
      });
    }
  }

  async #bytesOf(entry: CatalogueEntry): Promise<Buffer> {
    const file = this.#fileOf(entry);
    try {
      const bytes = await readFile(file);
      if (createHash("sha256").update(bytes).digest("hex") === entry.sha256) return bytes;
    } catch (error) {
      throw new PackageError("checksum-mismatch", `${entry.key}: ${messageOf(error)}`, undefined, { cause: error });
    }
    throw new PackageError("checksum-mismatch", `${entry.key}: ${file} is not the file that was imported`);
  }

  get #indexFile(): string {
    return path.join(this.#options.folder, "index.json");
  }

  #fileOf({ sha256, format }: Pick<CatalogueEntry, "sha256" | "format">): string {
    return path.join(this.#options.folder, "packages", `${sha256}.${format}`);
  }
}

function withState(entry: CatalogueEntry, state: EntryState): CatalogueEntry {
  return entry.state === state ? entry : { ...entry, state };
}

function changeOf(before: CatalogueEntry, after: CatalogueEntry): CatalogueChange {
  if (before.state === after.state) return "changed";
  return after.state === "active" ? "activated" : after.state === "retired" ? "retired" : "changed";
}
