import type { EventPage, EventRecord } from "#fleet/alarms/ports.ts";
import { SqlBackupStore } from "#historian/backup/sql-backup-store.ts";
import type { HistoryColumns } from "#historian/columns.ts";
import type { EventStore } from "#historian/events/event-store.ts";
import { SqlRollupStore } from "#historian/rollups/sql-rollup-store.ts";
import { type HistoryStore, RowsRefused } from "#historian/store/history-store.ts";
import { SqlEditStore } from "#historian/store/sql-edit-store.ts";

/** Events in memory, in the order in which they came. */
export class MemoryEventStore implements EventStore {
  readonly stored = new Map<string, EventRecord>();
  failure: Error | undefined;
  refuses: (event: EventRecord) => boolean = () => false;

  async append(events: readonly EventRecord[]): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    if (events.some((event) => this.refuses(event))) throw new RowsRefused("22P02", "no such value");
    for (const event of events) if (!this.stored.has(event.eventId)) this.stored.set(event.eventId, event);
  }

  async read(): Promise<EventPage> {
    return { events: [...this.stored.values()], next: undefined };
  }

  async removeBefore(): Promise<void> {}
}

/** A store in memory that can be told to fail, or to refuse a value. */
export class MemoryStore implements HistoryStore {
  generation = 1;
  readonly appended: HistoryColumns[] = [];
  failure: Error | undefined;
  refuses: (value: number) => boolean = () => false;
  attempts = 0;
  readonly events = new MemoryEventStore();
  readonly edits = new SqlEditStore(() => Promise.reject(new Error("not part of these tests")));
  readonly rollups = new SqlRollupStore(() => Promise.reject(new Error("not part of these tests")));
  readonly backup = new SqlBackupStore(() => Promise.reject(new Error("not part of these tests")));
  readonly #ids = new Map<string, number>();

  async ensureSeries(series: Parameters<HistoryStore["ensureSeries"]>[0]): Promise<Int32Array> {
    if (this.failure !== undefined) throw this.failure;
    for (const { key } of series) if (!this.#ids.has(key)) this.#ids.set(key, 100 + this.#ids.size);
    return Int32Array.from(series, ({ key }) => this.#ids.get(key) ?? 0);
  }

  async listSeries(): Promise<never[]> {
    return [];
  }

  async describeDevices(): Promise<void> {}

  async append(rows: HistoryColumns): Promise<void> {
    this.attempts += 1;
    if (this.failure !== undefined) throw this.failure;
    if (rows.values.some((value) => this.refuses(value))) throw new RowsRefused("23514", "check failed");
    this.appended.push(rows);
  }

  async readRaw(): Promise<never> {
    throw new Error("not part of these tests");
  }

  async maintain(..._order: Parameters<HistoryStore["maintain"]>): Promise<void> {}

  async refreshRollups(..._order: Parameters<HistoryStore["refreshRollups"]>): Promise<number> {
    return 0;
  }

  health() {
    return { available: this.failure === undefined, detail: "memory" };
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  get values(): number[] {
    return this.appended.flatMap((rows) => [...rows.values]);
  }
}
