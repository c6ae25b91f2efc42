/** A command that was about to be sent and has no outcome. */
export interface UnresolvedIntent {
  readonly commandId: string;
  /** ISO 8601. */
  readonly at: string;
  readonly user: string;
  readonly origin: string;
  readonly device: string;
  readonly action: string;
}

/** Finds the intents that nothing followed, entry by entry. */
export class OpenIntents {
  readonly #open = new Map<string, UnresolvedIntent>();

  /** The next entry, in order. */
  note(fields: ReadonlyMap<string, unknown>): void {
    const text = (name: string): string => {
      const value = fields.get(name);
      return typeof value === "string" ? value : "";
    };
    const commandId = text("commandId");
    switch (text("kind")) {
      case "intent":
        this.#open.set(commandId, {
          commandId,
          at: text("at"),
          user: text("user"),
          origin: text("origin"),
          device: text("device"),
          action: text("action"),
        });
        break;
      case "outcome":
      case "refused":
        this.#open.delete(commandId);
        break;
      default:
    }
  }

  all(): UnresolvedIntent[] {
    return [...this.#open.values()];
  }
}
