import { type RejectionReason, rejectionReasons } from "./ports.ts";

/** Counts of what came in and what became of it; every number the host shows about traffic comes from here. */
export class Traffic {
  /** Messages from transports, accepted or not. */
  messages = 0;
  /** Samples that reached the live values or history. */
  samples = 0;
  readonly rejected: Record<RejectionReason, number> = {
    malformed: 0,
    oversized: 0,
    "unknown-device": 0,
    "unknown-point": 0,
    "not-announced": 0,
    "out-of-sequence": 0,
    "foreign-device": 0,
    "invalid-topic": 0,
  };

  get rejectedTotal(): number {
    let total = 0;
    for (const reason of rejectionReasons) total += this.rejected[reason];
    return total;
  }
}
