import { demand, type NamedAction } from "#fleet/access/action.ts";
import type { Audit } from "#fleet/audit.ts";
import type { Clock } from "#lib/clock.ts";
import type { AlarmState } from "#model/alarm-state.ts";
import type { Principal } from "#model/command.ts";
import { type ErrorCode, HostError } from "#model/errors.ts";
import type { AlarmEngine } from "./alarm-engine.ts";
import { commentOf, inactive, type StatePatch } from "./alarm-states.ts";
import type { ConditionRef } from "./condition-ref.ts";
import { type AlarmActions, type EventKind, maxShelvingMs } from "./ports.ts";

export interface OperatorActionsParts {
  readonly engine: AlarmEngine;
  /** The condition of an id; throws `alarm-unknown`. */
  readonly conditionOf: (id: string) => ConditionRef;
  /** True when the event belongs to the present activity of the alarm. */
  readonly isCurrentEvent: (id: string, eventId: string) => boolean;
  readonly audit: Audit;
  readonly clock: Clock;
}

/** What is done, by whom, to what. */
interface Deed {
  readonly kind: EventKind;
  readonly action: string;
  readonly by: Principal;
  /** Default: what acknowledging needs. */
  readonly access?: NamedAction;
  readonly comment?: string | undefined;
  /** What the user saw. */
  readonly eventId?: string | undefined;
  /** True for what can be done to a disabled alarm. */
  readonly evenDisabled?: boolean;
}

/** Longer comments are cut: they go into each event and each restart. */
const maxCommentLength = 1_000;

/** What people do with alarms: checked, done, told and audited. */
export class OperatorActions implements AlarmActions {
  readonly #parts: OperatorActionsParts;

  constructor(parts: OperatorActionsParts) {
    this.#parts = parts;
  }

  acknowledge(id: string, by: Principal, comment: string, eventId?: string): void {
    this.#do(id, { kind: "acknowledged", action: "Acknowledge", by, comment, eventId }, (state, at) => {
      if (state.acknowledged) throw refused("alarm-acknowledged", id, "it is acknowledged already");
      return { acknowledged: true, acknowledgedAt: at };
    });
  }

  confirm(id: string, by: Principal, comment: string, eventId?: string): void {
    this.#do(id, { kind: "confirmed", action: "Confirm", by, comment, eventId }, (state) => {
      if (state.confirmed) throw refused("alarm-confirmed", id, "it is confirmed, or does not need to be");
      if (!state.acknowledged) throw refused("alarm-state", id, "acknowledge it before you confirm it");
      return { confirmed: true };
    });
  }

  comment(id: string, by: Principal, comment: string, eventId?: string): void {
    this.#do(
      id,
      { kind: "commented", action: "AddComment", by, comment, eventId, access: "alarm.comment" },
      () => ({}),
    );
  }

  setEnabled(id: string, enabled: boolean, by: Principal): void {
    const kind = enabled ? "enabled" : "disabled";
    const deed: Deed = {
      kind,
      action: enabled ? "Enable" : "Disable",
      by,
      access: "alarm.configure",
      evenDisabled: true,
    };
    const condition = this.#do(id, deed, (state, at) => {
      if (state.enabled === enabled) throw refused(`alarm-${kind}`, id, `it is ${kind} already`);
      if (enabled) return { enabled };
      const gone = state.active ? inactive(state, at) : {};
      return { enabled, acknowledged: true, confirmed: true, ...gone };
    });
    if (enabled) this.#parts.engine.reconsider(condition);
  }

  shelve(id: string, forMs: number | undefined, by: Principal, comment?: string): void {
    const action = forMs === undefined ? "OneShotShelve" : "TimedShelve";
    this.#do(id, { kind: "shelved", action, by, comment, access: "alarm.shelve" }, (state) => {
      if (state.shelving !== "unshelved") throw refused("alarm-shelved", id, "it is shelved already");
      if (forMs === undefined) return { shelving: "one-shot", shelvedUntil: undefined };
      if (!(forMs > 0 && forMs <= maxShelvingMs)) {
        throw refused("shelving-time", id, `${forMs} ms is not above 0 and up to ${maxShelvingMs} ms`);
      }
      return { shelving: "timed", shelvedUntil: this.#parts.clock.now() + forMs };
    });
  }

  unshelve(id: string, by: Principal, comment?: string): void {
    this.#do(id, { kind: "unshelved", action: "Unshelve", by, comment, access: "alarm.shelve" }, (state) => {
      if (state.shelving === "unshelved") throw refused("alarm-not-shelved", id, "it is not shelved");
      return { shelving: "unshelved", shelvedUntil: undefined };
    });
  }

  setSuppressed(id: string, suppressed: boolean, by: Principal, comment?: string): void {
    const [kind, action] = suppressed
      ? (["suppressed", "Suppress"] as const)
      : (["unsuppressed", "Unsuppress"] as const);
    this.#do(id, { kind, action, by, comment, access: "alarm.suppress" }, (state) => {
      if (state.suppressed === suppressed) throw refused("alarm-state", id, `it is ${kind} already`);
      return { suppressed };
    });
  }

  setOutOfService(id: string, outOfService: boolean, by: Principal, comment?: string): void {
    const kind = outOfService ? "out-of-service" : "in-service";
    const action = outOfService ? "RemoveFromService" : "PlaceInService";
    this.#do(id, { kind, action, by, comment, access: "alarm.configure" }, (state) => {
      if (state.outOfService === outOfService) throw refused("alarm-state", id, `it is ${kind} already`);
      return { outOfService };
    });
  }

  reset(id: string, by: Principal, comment?: string): void {
    this.#do(id, { kind: "reset", action: "Reset", by, comment, access: "alarm.reset" }, (state, at) => {
      if (!state.latched) throw refused("alarm-state", id, "it is not latched, or its cause is still there");
      // OPC 10000-9, 5.8.4: the alarm must have returned to normal and been acknowledged before.
      if (!state.acknowledged || !state.confirmed) {
        throw refused("alarm-state", id, "acknowledge it, and confirm it where that is asked, before you reset it");
      }
      return inactive(state, at);
    });
  }

  #do(id: string, deed: Deed, patchOf: (state: AlarmState, at: number) => StatePatch): ConditionRef {
    const { engine, clock, conditionOf, isCurrentEvent } = this.#parts;
    const condition = conditionOf(id);
    const state = condition.column.stateAt(condition.row);
    const { by, access = "alarm.acknowledge", kind, comment = "", eventId } = deed;
    const at = clock.now();
    try {
      demand(by, access, `${deed.action} ${id}`);
      if (!state.enabled && deed.evenDisabled !== true) throw refused("alarm-disabled", id, "it is disabled");
      if (eventId !== undefined && !isCurrentEvent(id, eventId)) {
        throw refused("alarm-event-unknown", id, `event ${eventId.slice(0, 64)} is not of its present activity`);
      }
      const patch = patchOf(state, at);
      const said = comment === "" ? {} : { comment: commentOf(comment.slice(0, maxCommentLength), by.user, at) };
      engine.change(condition, kind, { ...patch, ...said }, { at, user: by.user });
    } catch (error) {
      this.#note(condition, deed, { kind: "refused", detail: HostError.from(error)?.message ?? "failed" });
      throw error;
    }
    this.#note(condition, deed, { kind: "alarm", detail: comment.slice(0, maxCommentLength) });
    return condition;
  }

  #note(condition: ConditionRef, { by, action }: Deed, entry: { kind: "alarm" | "refused"; detail: string }): void {
    const { audit, clock } = this.#parts;
    const { kind, detail } = entry;
    const device = condition.type.devices[condition.row]?.id ?? "";
    const what = `${action} ${condition.column.spec.name}`;
    const about = { commandId: "", user: by.user, origin: by.origin, device, action: what };
    audit.note({ at: clock.now(), kind, ...about, ...(detail === "" ? {} : { detail }) });
  }
}

function refused(code: ErrorCode, id: string, why: string): HostError {
  return new HostError(code, `alarm ${id}: ${why}`);
}
