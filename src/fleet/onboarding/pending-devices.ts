import type { PackageProposal } from "#fleet/package-shelf.ts";
import type { Announcement, OfferedPoint } from "#fleet/ports.ts";
import type { EpochMs } from "#model/ids.ts";
import type { Protocol } from "#model/protocol.ts";

/** What must be remembered of a device that is not taken in, so that it is there again after a restart. */
export interface PendingRecord {
  readonly protocol: Protocol;
  readonly name: string;
  readonly address: string;
  readonly declaredType: string | undefined;
  /** `rejected`: an operator does not want it; it can still be accepted. */
  readonly state: "pending" | "rejected";
  /** Why it is not taken in, one sentence. */
  readonly reason: string;
  /** What it offers, as far as it is kept: what it becomes when it is accepted. */
  readonly offers: readonly OfferedPoint[];
  /** How many points it offers in all. */
  readonly pointCount: number;
  readonly firstSeen: EpochMs;
  readonly lastSeen: EpochMs;
}

/** A device that introduced itself and is not taken in. */
export interface PendingDevice extends PendingRecord {
  /** Names it in `accept` and `reject`: protocol and address, e.g. `sparkplug Plant/N1/D1`. */
  readonly key: string;
  /** Packages that could be its own, the best first. */
  readonly proposals: readonly PackageProposal[];
}

/** Offers that are kept of each; the others come again when it is accepted. */
const keptOffers = 400;

/** Names a device that is not taken in. */
export function pendingKey({ protocol, address }: Pick<Announcement, "protocol" | "address">): string {
  return `${protocol} ${address}`;
}

/** Those who wait and those who were rejected, bounded: whoever comes when all places are taken is not kept. */
export class PendingDevices {
  readonly #limit: number;
  readonly #byKey = new Map<string, PendingRecord>();
  readonly #counts = { pending: 0, rejected: 0 };

  constructor(limit: number) {
    this.#limit = limit;
  }

  count(state: PendingRecord["state"]): number {
    return this.#counts[state];
  }

  get(key: string): PendingRecord | undefined {
    return this.#byKey.get(key);
  }

  all(): IterableIterator<[string, PendingRecord]> {
    return this.#byKey.entries();
  }

  /**
   * Notes that a device introduced itself and why it is not taken in; a rejected one stays rejected. `new`: it was not
   * there before; `full`: there is no place for it.
   */
  note(announcement: Announcement, reason: string): "new" | "known" | "full" {
    const key = pendingKey(announcement);
    const before = this.#byKey.get(key);
    const isRejected = before?.state === "rejected";
    if (before === undefined && this.#counts.pending >= this.#limit) return "full";
    const { protocol, name, address, declaredType, offers = [], at } = announcement;
    this.put({
      protocol,
      name,
      address,
      declaredType: declaredType?.slice(0, 200),
      state: isRejected ? "rejected" : "pending",
      reason: isRejected ? before.reason : reason,
      offers: offers.slice(0, keptOffers),
      pointCount: announcement.points.length,
      firstSeen: before?.firstSeen ?? at,
      lastSeen: at,
    });
    return before === undefined ? "new" : "known";
  }

  /** Keeps a record as it is; the rejected one that was kept longest gives way when there are too many of them. */
  put(record: PendingRecord): void {
    const key = pendingKey(record);
    this.remove(key);
    if (record.state === "rejected" && this.#counts.rejected >= this.#limit) this.#forgetRejected();
    this.#byKey.set(key, record);
    this.#counts[record.state] += 1;
  }

  remove(key: string): PendingRecord | undefined {
    const record = this.#byKey.get(key);
    if (record === undefined) return undefined;
    this.#byKey.delete(key);
    this.#counts[record.state] -= 1;
    return record;
  }

  #forgetRejected(): void {
    for (const [key, { state }] of this.#byKey) {
      if (state !== "rejected") continue;
      this.remove(key);
      return;
    }
  }
}
