import { join } from "node:path";
import { Catalogue, type CatalogueEvent } from "#fdi/catalogue/catalogue.ts";
import type { CatalogueEntry } from "#fdi/catalogue/catalogue-entry.ts";
import { loadTrustList } from "#fdi/container/trust.ts";
import type { Logger } from "#lib/logger.ts";
import { packageKey } from "#model/device-package.ts";
import { messageOf } from "#model/errors.ts";
import type { FleetCore } from "./fleet-core.ts";

/** How often the catalogue's index is looked at for changes that the package tool made. */
const watchPeriodMs = 2_000;

/** The packages that were imported into the data folder: on the shelf while they are there, also when the tool adds one. */
export class PackageCatalogue implements Disposable {
  readonly #catalogue: Catalogue;
  readonly #fleet: FleetCore;
  readonly #log: Logger;
  readonly #resources = new DisposableStack();

  private constructor(catalogue: Catalogue, fleet: FleetCore, log: Logger) {
    this.#catalogue = catalogue;
    this.#fleet = fleet;
    this.#log = log;
  }

  /** Loads what is in the catalogue of a data folder and follows its changes. Throws PackageError `catalogue-broken`. */
  static async open(dataFolder: string, fleet: FleetCore, log: Logger): Promise<PackageCatalogue> {
    const catalogue = await Catalogue.open({
      folder: join(dataFolder, "catalogue"),
      clock: fleet.clock,
      rules: async () => ({ policy: "require", trust: await loadTrustList(join(dataFolder, "trust")) }),
      usedBy: (key) =>
        [...fleet.registry.all()].filter(({ package: pkg }) => packageKey(pkg) === key).map(({ id }) => id),
    });
    const opened = new PackageCatalogue(catalogue, fleet, log);
    for (const entry of catalogue.list()) await opened.#shelve(entry);
    opened.#resources.use(catalogue.onChange((event) => opened.#follow(event)));
    opened.#resources.use(
      catalogue.watch(watchPeriodMs, (error) => log.error(`the catalogue cannot be read: ${messageOf(error)}`)),
    );
    return opened;
  }

  [Symbol.dispose](): void {
    this.#resources[Symbol.dispose]();
  }

  #follow({ kind, entry }: CatalogueEvent): void {
    this.#log.info(`package ${entry.key}: ${kind}`);
    if (kind === "deleted" || kind === "retired") this.#fleet.shelf.withdraw(entry.key);
    else this.#shelve(entry).catch((error: unknown) => this.#log.error(messageOf(error)));
  }

  /** A package that cannot be loaded is left out and told, because the others must not wait for it. */
  async #shelve(entry: CatalogueEntry): Promise<void> {
    if (!entry.interpreted) return;
    try {
      const opened = await this.#catalogue.load(entry.key);
      if (opened.read !== undefined) this.#fleet.shelf.put(opened.read.package, entry.state === "active");
    } catch (error) {
      this.#log.error(`package ${entry.key} cannot be used: ${messageOf(error)}`);
    }
  }
}
