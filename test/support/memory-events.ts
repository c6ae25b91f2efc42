import type { AlarmBoard, EventJournal, EventPage, EventQuery, EventRecord } from "#fleet/alarms/ports.ts";

/** A journal in memory that keeps what a board tells; its pages end where their limit is. */
export class MemoryEvents implements EventJournal {
  readonly events: EventRecord[] = [];

  constructor(alarms?: AlarmBoard) {
    alarms?.onEvent((event) => this.append(event));
  }

  append(event: EventRecord): void {
    this.events.push(event);
  }

  async read({ device, from, to, reverse, limit, after }: EventQuery): Promise<EventPage> {
    const found = this.events.filter(
      (event) =>
        (device === undefined || event.device === device) &&
        (from === undefined || event.at >= from) &&
        (to === undefined || event.at < to),
    );
    const start = after === undefined ? 0 : Number(after);
    const ordered = reverse ? found.toReversed() : found;
    const next = start + limit < ordered.length ? String(start + limit) : undefined;
    return { events: ordered.slice(start, start + limit), next };
  }
}
