import { demand, type NamedAction } from "#fleet/access/action.ts";
import type { Audit } from "#fleet/audit.ts";
import type { Clock } from "#lib/clock.ts";
import type { AuditKind } from "#model/audit-entry.ts";
import type { Principal } from "#model/command.ts";
import type { ParameterValue } from "#model/data-type.ts";
import { HostError, messageOf } from "#model/errors.ts";
import type { DeviceId, EpochMs } from "#model/ids.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import type { AnnotationEdit, EditOutcome, HistoryEdit, HistoryEditor, ValueEdit } from "./ports.ts";

export interface HistoryEditsParts {
  readonly editor: HistoryEditor;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly newId: () => string;
}

/** Whose history. */
export interface HistoryOf {
  readonly device: DeviceId;
  readonly parameter: ParameterSpec;
}

type Span = { readonly from: EpochMs; readonly to: EpochMs };

/** What an edit is, for the role check and the audit. */
interface Order extends HistoryOf {
  readonly by: Principal;
  readonly action: NamedAction;
  /** `insert history of CurrentPhaseA`. */
  readonly what: string;
  readonly about: Readonly<Record<string, ParameterValue>>;
}

/**
 * Changes of stored history by people: the role is checked, the intent is in the audit before anything is changed, and the
 * outcome after it. Each method throws `access-denied`, `audit-unavailable` and `history-unavailable`.
 */
export class HistoryEdits {
  readonly #parts: HistoryEditsParts;

  constructor(parts: HistoryEditsParts) {
    this.#parts = parts;
  }

  /** One outcome per time. */
  edit(by: Principal, edit: Omit<ValueEdit, "user" | "at">): Promise<readonly EditOutcome[]> {
    const { mode, times } = edit;
    const about = { values: times.length, from: times[0] ?? 0, to: times.at(-1) ?? 0 };
    return this.#carryOut({ ...edit, by, action: "history.modify", what: mode, about }, tally, (who) =>
      this.#parts.editor.edit({ ...edit, ...who }),
    );
  }

  /** Deletes from `from` (inclusive) to `to` (exclusive), values or what was kept of modified ones; gives their number. */
  deleteRange(by: Principal, target: HistoryOf & Span, isModified: boolean): Promise<number> {
    const { from, to } = target;
    const what = isModified ? "delete modified" : "delete";
    const { editor } = this.#parts;
    return this.#carryOut({ ...target, by, action: "history.modify", what, about: { from, to } }, deleted, (who) =>
      isModified ? editor.deleteModified({ ...target, ...who }) : editor.deleteRange({ ...target, ...who }),
    );
  }

  /** One outcome per time. */
  deleteAt(
    by: Principal,
    target: HistoryOf & { readonly times: Float64Array<ArrayBuffer> },
  ): Promise<readonly EditOutcome[]> {
    const { times } = target;
    const about = { values: times.length, from: times[0] ?? 0, to: times.at(-1) ?? 0 };
    return this.#carryOut({ ...target, by, action: "history.modify", what: "delete", about }, tally, (who) =>
      this.#parts.editor.deleteAt({ ...target, ...who }),
    );
  }

  /** One outcome per annotation. */
  annotate(by: Principal, edit: Omit<AnnotationEdit, "user" | "at">): Promise<readonly EditOutcome[]> {
    const { mode, annotations } = edit;
    const about = { annotations: annotations.length };
    return this.#carryOut(
      { ...edit, by, action: "history.annotate", what: `${mode} annotation in`, about },
      tally,
      (who) => this.#parts.editor.annotate({ ...edit, ...who }),
    );
  }

  async #carryOut<Result>(
    order: Order,
    told: (result: Result) => string,
    action: (who: Pick<HistoryEdit, "user" | "at">) => Promise<Result>,
  ): Promise<Result> {
    const { audit, clock, newId } = this.#parts;
    const commandId = newId();
    try {
      demand(order.by, order.action, `${titleOf(order)} of ${order.device}`);
    } catch (error) {
      audit.note(this.#entry("refused", order, commandId, messageOf(error)));
      throw error;
    }
    const problem = await audit.intent(this.#entry("intent", order, commandId, undefined), false);
    if (problem !== undefined) {
      const title = titleOf(order);
      throw new HostError("audit-unavailable", `${title} of ${order.device} is not done: the audit ${problem}`);
    }
    try {
      const result = await action({ user: order.by.user, at: clock.now() });
      audit.note({ ...this.#entry("outcome", order, commandId, told(result)), result: "confirmed" });
      return result;
    } catch (error) {
      audit.note({ ...this.#entry("outcome", order, commandId, messageOf(error)), result: "not-sent" });
      throw error;
    }
  }

  #entry(kind: AuditKind, order: Order, commandId: string, detail: string | undefined) {
    return {
      at: this.#parts.clock.now(),
      kind,
      commandId,
      user: order.by.user,
      origin: order.by.origin,
      device: order.device,
      action: titleOf(order),
      arguments: order.about,
      ...(detail === undefined ? {} : { detail }),
    };
  }
}

function titleOf({ what, parameter }: Order): string {
  return `${what} history of ${parameter.name}`;
}

function deleted(count: number): string {
  return `${count} deleted`;
}

/** `2 inserted, 1 exists`. */
function tally(outcomes: readonly EditOutcome[]): string {
  const counts = new Map<EditOutcome, number>();
  for (const outcome of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(", ");
}
