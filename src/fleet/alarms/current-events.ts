import { type AlarmState, isRetained } from "#model/alarm-state.ts";
import type { EventKind } from "./ports.ts";

/** Events of one activity that are remembered; a client that saw an older one has to refresh. */
const maxEvents = 16;
const maxEventsAfterwards = 3;

/**
 * Which events belong to the present activity of each alarm: whoever acknowledges says which event he saw, and must not
 * acknowledge a new activity with the event of an old one.
 */
export class CurrentEvents {
  readonly #byId = new Map<string, string[]>();

  note(id: string, kind: EventKind, state: AlarmState): void {
    const events = kind === "active" ? [] : (this.#byId.get(id) ?? []);
    events.push(state.eventId);
    // After the end a few stay, so that acknowledging twice is told from acknowledging something else.
    const kept = isRetained(state) ? maxEvents : maxEventsAfterwards;
    if (events.length > kept) events.splice(0, events.length - kept);
    this.#byId.set(id, events);
  }

  has(id: string, eventId: string): boolean {
    return this.#byId.get(id)?.includes(eventId) ?? false;
  }
}
