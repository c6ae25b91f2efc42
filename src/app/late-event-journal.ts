import type { EventJournal, EventPage, EventQuery, EventRecord } from "#fleet/alarms/ports.ts";

/** Takes events from the first moment on; they wait in memory until the journal that keeps them is open. */
export class LateEventJournal implements EventJournal {
  readonly #opened = Promise.withResolvers<EventJournal>();
  #journal: EventJournal | undefined;
  #waiting: EventRecord[] = [];

  /** Hands over what waits, and from now on everything. */
  open(journal: EventJournal): void {
    for (const event of this.#waiting) journal.append(event);
    this.#waiting = [];
    this.#journal = journal;
    this.#opened.resolve(journal);
  }

  append(event: EventRecord): void {
    if (this.#journal === undefined) this.#waiting.push(event);
    else this.#journal.append(event);
  }

  async read(query: EventQuery): Promise<EventPage> {
    return (await this.#opened.promise).read(query);
  }
}
