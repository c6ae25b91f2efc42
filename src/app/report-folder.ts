import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { TestReportStore } from "#fleet/ports.ts";
import type { TestReport } from "#fleet/tests/test-report.ts";
import { writeFileAtomically } from "#lib/atomic-file.ts";
import type { Logger } from "#lib/logger.ts";

/** Reports beyond this number are removed, the oldest first. */
const maxReports = 2_000;
// What comes from a client is never a path.
const idPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Keeps the reports of finished tests, one JSON file each, named by start and id. */
export class ReportFolder implements TestReportStore {
  readonly #folder: string;
  readonly #log: Logger;
  #last: Promise<void> = Promise.resolve();

  constructor(folder: string, log: Logger) {
    this.#folder = folder;
    this.#log = log;
  }

  keep(report: TestReport): void {
    this.#last = this.#last
      .then(() => this.#write(report))
      .catch((error: unknown) => this.#log.error({ err: error }, `the report of ${report.test} could not be kept`));
  }

  async find(id: string): Promise<TestReport | undefined> {
    await this.#last;
    if (!idPattern.test(id)) return undefined;
    const name = (await this.#names()).find((each) => each.endsWith(`_${id}.json`));
    if (name === undefined) return undefined;
    const value: unknown = JSON.parse(await readFile(join(this.#folder, name), "utf8"));
    return isReport(value) ? value : undefined;
  }

  async #write(report: TestReport): Promise<void> {
    if (!idPattern.test(report.id)) return;
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    // Sorted by name is sorted by time.
    const name = `${new Date(report.startedAt).toISOString().replaceAll(":", "")}_${report.id}.json`;
    await writeFileAtomically(join(this.#folder, name), `${JSON.stringify(report, undefined, 2)}\n`);
    const names = await this.#names();
    for (const old of names.slice(0, Math.max(0, names.length - maxReports))) await rm(join(this.#folder, old));
  }

  async #names(): Promise<string[]> {
    const names = await readdir(this.#folder).catch((): string[] => []);
    return names.filter((name) => name.endsWith(".json")).sort();
  }
}

function isReport(value: unknown): value is TestReport {
  return typeof value === "object" && value !== null && "id" in value && "device" in value && "steps" in value;
}
