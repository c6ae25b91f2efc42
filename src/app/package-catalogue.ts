import { join } from "node:path";
import { Catalogue, type CatalogueEvent } from "#fdi/catalogue/catalogue.ts";
import type { CatalogueEntry } from "#fdi/catalogue/catalogue-entry.ts";
import { signatureText } from "#fdi/container/signature-policy.ts";
import { loadTrustList, type TrustList } from "#fdi/container/trust.ts";
import { diffPackages } from "#fdi/diff-packages.ts";
import { telemetrySchema } from "#fdi/json-schema.ts";
import { openPackage } from "#fdi/open-package.ts";
import { schemaViolations } from "#fdi/schema-violations.ts";
import { demand } from "#fleet/access/action.ts";
import type {
  InstalledPackage,
  PackageLibrary,
  PackagePreview,
  RevisionDifference,
} from "#fleet/packages/package-library.ts";
import type { Logger } from "#lib/logger.ts";
import type { Principal } from "#model/command.ts";
import { type DevicePackage, packageKey } from "#model/device-package.ts";
import { HostError, messageOf } from "#model/errors.ts";
import type { FleetCore } from "./fleet-core.ts";

type Fleet = Pick<FleetCore, "clock" | "registry" | "shelf" | "control">;

/** How often the catalogue's index is looked at for changes that the package tool made. */
const watchPeriodMs = 2_000;

/** The packages that were imported into the data folder: on the shelf while they are there, also when the tool adds one. */
export class PackageCatalogue implements PackageLibrary, Disposable {
  readonly #catalogue: Catalogue;
  readonly #trust: () => Promise<TrustList>;
  readonly #fleet: Fleet;
  readonly #log: Logger;
  /** What came with the host under the same key as something imported. */
  readonly #covered = new Map<string, DevicePackage>();
  /** Keys of what was imported and is on the shelf. */
  readonly #shelved = new Set<string>();
  readonly #resources = new DisposableStack();
  /** Resolves once the shelf is as the last change of the catalogue wants it. */
  #followed: Promise<void> = Promise.resolve();

  private constructor(catalogue: Catalogue, trust: () => Promise<TrustList>, fleet: Fleet, log: Logger) {
    this.#catalogue = catalogue;
    this.#trust = trust;
    this.#fleet = fleet;
    this.#log = log;
  }

  /** Loads what is in the catalogue of a data folder and follows its changes. Throws PackageError `catalogue-broken`. */
  static async open(dataFolder: string, fleet: Fleet, log: Logger): Promise<PackageCatalogue> {
    const trust = () => loadTrustList(join(dataFolder, "trust"));
    const catalogue = await Catalogue.open({
      folder: join(dataFolder, "catalogue"),
      clock: fleet.clock,
      rules: async () => ({ policy: "require", trust: await trust() }),
      usedBy: (key) =>
        [...fleet.registry.all()].filter(({ package: pkg }) => packageKey(pkg) === key).map(({ id }) => id),
    });
    const opened = new PackageCatalogue(catalogue, trust, fleet, log);
    for (const entry of catalogue.list()) await opened.#shelve(entry);
    opened.#resources.use(catalogue.onChange((event) => opened.#follow(event)));
    opened.#resources.use(
      catalogue.watch(watchPeriodMs, (error) => log.error(`the catalogue cannot be read: ${messageOf(error)}`)),
    );
    return opened;
  }

  list(): readonly InstalledPackage[] {
    return this.#catalogue.list();
  }

  async preview(bytes: Uint8Array, source: string): Promise<PackagePreview> {
    const rules = { policy: "warn", trust: await this.#trust(), now: this.#fleet.clock.now() } as const;
    const { read, signature, format } = await openPackage(bytes, source, rules);
    const objection = await this.#objectionTo(bytes, source);
    const warnings = read?.warnings ?? [];
    return { package: read?.package, format, signature: signatureText(signature), warnings, objection };
  }

  async install(bytes: Uint8Array, source: string, by: Principal): Promise<InstalledPackage> {
    demand(by, "package.manage", "install packages");
    const { entry, isNew } = await this.#catalogue.import(bytes, source, by.user);
    await this.#followed;
    if (isNew) this.#note(by, `install package ${entry.key}`, `sha256 ${entry.sha256}`);
    return entry;
  }

  async activate(key: string, by: Principal): Promise<InstalledPackage> {
    demand(by, "package.manage", "activate packages");
    const entry = await this.#catalogue.activate(key);
    await this.#followed;
    this.#note(by, `activate package ${key}`, "");
    return entry;
  }

  async retire(key: string, by: Principal): Promise<InstalledPackage> {
    demand(by, "package.manage", "retire packages");
    const entry = await this.#catalogue.retire(key);
    await this.#followed;
    this.#note(by, `retire package ${key}`, "");
    return entry;
  }

  async remove(key: string, by: Principal): Promise<void> {
    demand(by, "package.manage", "remove packages");
    await this.#catalogue.delete(key);
    await this.#followed;
    this.#note(by, `remove package ${key}`, "");
  }

  diff(before: DevicePackage, after: DevicePackage): readonly RevisionDifference[] {
    return diffPackages(before, after);
  }

  schemaOf(pkg: DevicePackage): Readonly<Record<string, unknown>> {
    return telemetrySchema(pkg);
  }

  violations(pkg: DevicePackage, message: unknown): readonly string[] {
    return schemaViolations(telemetrySchema(pkg), message, "message");
  }

  [Symbol.dispose](): void {
    this.#resources[Symbol.dispose]();
  }

  async #objectionTo(bytes: Uint8Array, source: string): Promise<string | undefined> {
    try {
      await this.#catalogue.check(bytes, source);
      return undefined;
    } catch (error) {
      if (HostError.from(error)?.code !== "package-invalid") throw error;
      return messageOf(error);
    }
  }

  #note(by: Principal, action: string, detail: string): void {
    const { control, clock } = this.#fleet;
    const about = { commandId: "", user: by.user, origin: by.origin, device: "", action };
    control.audit.note({ at: clock.now(), kind: "package", ...about, ...(detail === "" ? {} : { detail }) });
  }

  /** One change after the other, so that a package that is still being read is not put back after it was retired. */
  #follow(event: CatalogueEvent): void {
    this.#log.info(`package ${event.entry.key}: ${event.kind}`);
    this.#followed = this.#followed.then(() => this.#take(event));
  }

  async #take({ kind, entry }: CatalogueEvent): Promise<void> {
    const { shelf } = this.#fleet;
    if (kind === "deleted") {
      this.#unshelve(entry);
      return;
    }
    if (kind === "retired") {
      shelf.retire(entry.key);
      return;
    }
    await this.#shelve(entry);
    if (kind !== "activated") return;
    // The revision that was active steps back.
    for (const { id, key } of this.#catalogue.list()) if (id === entry.id && key !== entry.key) shelf.withdraw(key);
  }

  /** A package that cannot be loaded is left out and told, because the others must not wait for it. */
  async #shelve(entry: CatalogueEntry): Promise<void> {
    if (!entry.interpreted) return;
    try {
      const opened = await this.#catalogue.load(entry.key);
      if (opened.read === undefined) return;
      this.#cover(opened.read.package);
      this.#fleet.shelf.put(opened.read.package, entry.state === "active");
      if (entry.state === "retired") this.#fleet.shelf.retire(entry.key);
    } catch (error) {
      this.#log.error(`package ${entry.key} cannot be used: ${messageOf(error)}`);
    }
  }

  #cover(pkg: DevicePackage): void {
    const key = packageKey(pkg);
    const before = this.#fleet.shelf.find(pkg.id, pkg.revision);
    if (before !== undefined && !this.#shelved.has(key)) this.#covered.set(key, before);
    this.#shelved.add(key);
  }

  #unshelve({ key }: CatalogueEntry): void {
    const { shelf, registry } = this.#fleet;
    const covered = this.#covered.get(key);
    this.#shelved.delete(key);
    this.#covered.delete(key);
    if (covered !== undefined) shelf.put(covered);
    // Another program may remove what devices have: they keep it until the next start.
    else if (registry.countOf(key) > 0) shelf.retire(key);
    else shelf.remove(key);
  }
}
