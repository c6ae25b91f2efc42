import type { EventPage, EventQuery, EventRecord } from "#fleet/alarms/ports.ts";
import type { EpochMs } from "#model/ids.ts";

/** A place for events. Every method throws `history-unavailable` when the engine cannot be reached. */
export interface EventStore {
  /**
   * Stores the events in one transaction; resolves when they are durable. One whose id is there already changes nothing.
   * Throws RowsRefused, with nothing stored, when the engine refuses one.
   */
  append(events: readonly EventRecord[]): Promise<void>;
  /** A page of events in the order of their times; of equal times in the order in which they were stored. */
  read(query: EventQuery): Promise<EventPage>;
  /** Removes events from before `cutoff`. */
  removeBefore(cutoff: EpochMs): Promise<void>;
}
