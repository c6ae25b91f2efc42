import type { Situation, Trigger } from "./trigger.ts";

/**
 * The trigger of what is not computed from parameters: somebody says that it is so, or no longer so. What nobody said
 * anything about since the start cannot be told, so that it stays as it was restored.
 */
export class ExternalTrigger implements Trigger {
  readonly inputs: readonly number[] = [];
  readonly #situation: Situation;
  readonly #told = new Map<number, boolean>();
  readonly #texts = new Map<number, string>();

  constructor(situation: Situation) {
    this.#situation = situation;
  }

  /** `text`: what people are told; undefined = the message of the rule. */
  set(row: number, holds: boolean, text: string | undefined): void {
    this.#told.set(row, holds);
    if (text !== undefined) this.#texts.set(row, text);
  }

  holds(): boolean | undefined {
    return this.#told.get(this.#situation.row);
  }

  text(row: number): string | undefined {
    return this.#texts.get(row);
  }

  forget(row: number): void {
    this.#told.delete(row);
    this.#texts.delete(row);
  }
}
