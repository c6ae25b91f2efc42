import { demand } from "#fleet/access/action.ts";
import type { Audit } from "#fleet/audit.ts";
import type { PackageShelf } from "#fleet/package-shelf.ts";
import type { DeviceRegistry } from "#fleet/registry.ts";
import type { Clock } from "#lib/clock.ts";
import type { Principal } from "#model/command.ts";
import type { DevicePackage } from "#model/device-package.ts";
import { isDeviceId } from "#model/ids.ts";
import { type Protocol, protocols } from "#model/protocol.ts";
import { type CsvRow, readCsv } from "./read-csv.ts";

export interface ImportParts {
  readonly registry: DeviceRegistry;
  readonly shelf: PackageShelf;
  readonly audit: Pick<Audit, "note">;
  readonly clock: Clock;
}

/** What one row would do, or did. */
export interface ImportedRow {
  /** Line of the file, from 1. */
  readonly line: number;
  readonly name: string;
  /** What stands against it; undefined when nothing does. */
  readonly problem: string | undefined;
}

export interface ImportResult {
  readonly rows: readonly ImportedRow[];
  readonly problems: number;
  /** Devices that were added: all rows, or none when one of them has a problem. */
  readonly added: number;
}

interface Wanted {
  readonly line: number;
  readonly name: string;
  readonly protocol: Protocol;
  readonly address: string;
  readonly package: DevicePackage;
}

const columns = ["name", "protocol", "address", "package"] as const;
const maxRows = 20_000;
const maxAddress = 256;

/**
 * Adds devices before they introduce themselves, from a CSV text with the columns name, protocol, address and package
 * (`id@revision`). Nothing is added when one row has a problem, or in a dry run. Throws `access-denied` and
 * `argument-invalid` for a text that is no such table.
 */
export function importDevices(
  parts: ImportParts,
  { csv, dryRun, by }: { readonly csv: string; readonly dryRun: boolean; readonly by: Principal },
): ImportResult {
  demand(by, "device.onboard", "import devices");
  const check = new RowCheck(parts);
  const checked = readCsv(csv, columns, maxRows).map((row) => check.row(row));
  const rows = checked.map(({ line, name, problem }) => ({ line, name, problem }));
  const problems = rows.filter(({ problem }) => problem !== undefined).length;
  if (dryRun || problems > 0) return { rows, problems, added: 0 };
  for (const { wanted } of checked) {
    if (wanted !== undefined) parts.registry.add(wanted.name, wanted.package, wanted.protocol, wanted.address);
  }
  parts.audit.note({
    at: parts.clock.now(),
    kind: "onboarding",
    commandId: "",
    user: by.user,
    origin: by.origin,
    device: "",
    action: "import devices",
    detail: `${rows.length} devices, ${rows[0]?.name ?? ""} to ${rows.at(-1)?.name ?? ""}`,
  });
  return { rows, problems, added: rows.length };
}

class RowCheck {
  readonly #parts: ImportParts;
  readonly #packages: ReadonlyMap<string, DevicePackage>;
  readonly #names = new Set<string>();
  readonly #addresses = new Set<string>();

  constructor(parts: ImportParts) {
    this.#parts = parts;
    this.#packages = parts.shelf.choices();
  }

  row({ line, cells }: CsvRow): ImportedRow & { readonly wanted?: Wanted } {
    const [name = "", protocolName = "", address = "", key = ""] = cells;
    const protocol = protocols.find((known) => known === protocolName);
    const pkg = this.#packages.get(key);
    const problem = this.#nameProblem(name) ?? this.#addressProblem(protocol, protocolName, address);
    this.#names.add(name);
    this.#addresses.add(`${protocolName} ${address}`);
    if (problem !== undefined) return { line, name, problem };
    if (protocol === undefined || pkg === undefined) {
      return { line, name, problem: `there is no package ${JSON.stringify(key)}: expected id@revision` };
    }
    return { line, name, problem: undefined, wanted: { line, name, protocol, address, package: pkg } };
  }

  #nameProblem(name: string): string | undefined {
    if (!isDeviceId(name)) return `${JSON.stringify(name)} is not a device name`;
    if (this.#names.has(name)) return `the name ${name} stands in the file twice`;
    return this.#parts.registry.find(name) === undefined ? undefined : `there is a device ${name} already`;
  }

  #addressProblem(protocol: Protocol | undefined, given: string, address: string): string | undefined {
    if (protocol === undefined) return `${JSON.stringify(given)} is no protocol: expected ${protocols.join(", ")}`;
    if (address === "" || address.length > maxAddress || /[\p{C}+#]/u.test(address)) {
      return `the address must have 1 to ${maxAddress} characters, none of them + or #`;
    }
    if (this.#addresses.has(`${protocol} ${address}`)) return `the address ${address} stands in the file twice`;
    const holder = this.#parts.registry.findByAddress(protocol, address);
    return holder === undefined ? undefined : `the address ${address} belongs to ${holder.id}`;
  }
}
