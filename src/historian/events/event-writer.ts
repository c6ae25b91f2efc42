import type { EventJournal, EventPage, EventQuery, EventRecord } from "#fleet/alarms/ports.ts";
import { earliestTime, latestTime } from "#historian/codec/pg-time.ts";
import { type ForwardTrouble, StoreAndForward } from "#historian/forward/store-and-forward.ts";
import { Journal, type JournalLimits } from "#historian/journal/journal.ts";
import { storeRows } from "#historian/store-rows.ts";
import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import { messageOf } from "#model/errors.ts";
import { eventContent } from "./event-content.ts";
import type { EventStore } from "./event-store.ts";

export interface EventWriterOptions {
  /** Folder of the events' own journal. */
  readonly folder: string;
  readonly limits: JournalLimits;
  readonly store: EventStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Uniform in [0, 1): spreads the retries of several hosts. */
  readonly random: () => number;
}

/** appended + recovered = stored + queued + dropped, at any moment; what is stored twice counts twice. */
export interface EventCounters {
  readonly appended: number;
  /** Events that an earlier run left in the journal. */
  readonly recovered: number;
  readonly stored: number;
  readonly queued: number;
  readonly dropped: number;
}

/**
 * Events beyond this many, not even in the journal yet, are dropped and counted. All twelve alarms of 10,000 breakers may
 * come and go in one turn.
 */
const maxUnsaved = 250_000;
const forwardLimits = { batchRows: 1000, batchMs: 250, maxHeldRows: 10_000 };

/** Takes events and brings them into a journal of their own and from there into the store, in the background. */
export class EventWriter implements EventJournal, AsyncDisposable {
  readonly #options: EventWriterOptions;
  readonly #journal: Journal<readonly EventRecord[]>;
  readonly #forward: StoreAndForward<readonly EventRecord[]>;
  #counters: EventCounters;
  #closed = false;

  private constructor(options: EventWriterOptions, journal: Journal<readonly EventRecord[]>, recovered: number) {
    this.#options = options;
    this.#journal = journal;
    this.#counters = { appended: 0, recovered, stored: 0, queued: recovered, dropped: 0 };
    this.#forward = new StoreAndForward({
      ...options,
      journal,
      type: eventContent,
      limits: forwardLimits,
      store: (events) => this.#store(events),
    });
  }

  static async open(options: EventWriterOptions): Promise<EventWriter> {
    const { folder, limits, logger } = options;
    const parts: { writer?: EventWriter } = {};
    const journal = await Journal.open({
      folder,
      limits,
      content: eventContent,
      onLost: (events, reason) => {
        logger.error({ events, reason }, "Events of the journal are lost");
        parts.writer?.count({ queued: -events, dropped: events });
      },
    });
    parts.writer = new EventWriter(options, journal, await journal.pendingRows());
    return parts.writer;
  }

  append(event: EventRecord): void {
    this.count({ appended: 1 });
    if (this.#closed || this.#forward.unsavedRows >= maxUnsaved) {
      this.count({ dropped: 1 });
      this.#options.logger.error({ event: event.eventId, name: event.name }, "An event is lost: its journal is full");
      return;
    }
    this.count({ queued: 1 });
    this.#forward.add([storable(event)]);
  }

  async read(query: EventQuery): Promise<EventPage> {
    try {
      await this.#forward.flush();
    } catch (error) {
      const pending = this.#forward.pendingRange();
      const { from = earliestTime, to = latestTime } = query;
      if (pending !== undefined && pending.from <= to && pending.to >= from) throw error;
    }
    return this.#options.store.read(query);
  }

  /** Resolves when the journal has every event appended so far. */
  async durable(): Promise<void> {
    await this.#forward.durable();
  }

  counters(): EventCounters {
    return this.#counters;
  }

  /** Why events do not reach the journal or the store at the moment; undefined while they do. */
  trouble(): ForwardTrouble | undefined {
    return this.#forward.trouble();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const left = await this.#forward.close();
    this.count({ queued: -left, dropped: left });
    await this.#journal[Symbol.asyncDispose]();
  }

  /** Adds to the counters. */
  count(change: Partial<EventCounters>): void {
    const { appended, recovered, stored, queued, dropped } = this.#counters;
    this.#counters = {
      appended: appended + (change.appended ?? 0),
      recovered,
      stored: stored + (change.stored ?? 0),
      queued: queued + (change.queued ?? 0),
      dropped: dropped + (change.dropped ?? 0),
    };
  }

  async #store(events: readonly EventRecord[]): Promise<void> {
    const { store, clock, logger } = this.#options;
    const refused = await storeRows(events, eventContent, (part) => store.append(part));
    for (const { row, error } of refused) {
      const entry = { at: new Date(clock.now()).toISOString(), reason: error.message, event: row[0] };
      logger.error(entry, "The store refuses an event; it is in quarantine");
      await this.#journal.quarantine.keepObjects("refused.ndjson", [entry]).catch((failure: unknown) => {
        logger.error({ err: messageOf(failure) }, "The quarantine takes no events");
      });
    }
    const stored = events.length - refused.length;
    this.count({ stored, queued: -events.length, dropped: refused.length });
  }
}

/** The event under a time that every store can hold. */
function storable(event: EventRecord): EventRecord {
  if (event.at >= earliestTime && event.at <= latestTime) return event;
  return { ...event, at: event.receivedAt };
}
