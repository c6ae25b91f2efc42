import type { EventJournal, EventPage, EventQuery, EventRecord } from "#fleet/alarms/ports.ts";
import type { Logger } from "#lib/logger.ts";

/** As many as the journal itself takes before they are on disk. */
const mostWaiting = 50_000;

/**
 * Takes events from the first moment on; they wait in memory until the journal that keeps them is open. Beyond 50,000 the
 * newest are left out and logged.
 */
export class LateEventJournal implements EventJournal {
  readonly #log: Logger;
  readonly #opened = Promise.withResolvers<EventJournal>();
  #journal: EventJournal | undefined;
  #waiting: EventRecord[] = [];
  #lost = 0;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Hands over what waits, and from now on everything. */
  open(journal: EventJournal): void {
    for (const event of this.#waiting) journal.append(event);
    if (this.#lost > 0)
      this.#log.error({ events: this.#lost }, "Events before the history was open are lost: too many");
    this.#waiting = [];
    this.#journal = journal;
    this.#opened.resolve(journal);
  }

  append(event: EventRecord): void {
    if (this.#journal !== undefined) this.#journal.append(event);
    else if (this.#waiting.length < mostWaiting) this.#waiting.push(event);
    else this.#lost += 1;
  }

  async read(query: EventQuery): Promise<EventPage> {
    return (await this.#opened.promise).read(query);
  }
}
