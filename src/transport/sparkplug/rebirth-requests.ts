import type { Clock } from "#lib/clock.ts";

export interface RebirthPolicy {
  /** Least time between two requests to one edge node; doubles with each further one. Default 5,000 ms. */
  readonly debounceMs: number;
  /** Default 600,000 ms. */
  readonly maxBackoffMs: number;
  /** Requests per second over all edge nodes. Default 200: ten thousand edge nodes in under a minute. */
  readonly perSecond: number;
  /** Requests that may go out at once before the rate applies. Default 100. */
  readonly burst: number;
}

export const defaultRebirthPolicy: RebirthPolicy = {
  debounceMs: 5000,
  maxBackoffMs: 600_000,
  perSecond: 200,
  burst: 100,
};

interface NodeRequests {
  waiting: Disposable | undefined;
  /** The one that waits was not urgent: it was asked for with a delay. */
  isPatient: boolean;
  sent: number;
  lastAt: number;
}

export interface RebirthRequestsOptions {
  readonly policy: RebirthPolicy;
  readonly clock: Clock;
  readonly random: () => number;
  /** Sends the request to `group/edgeNode`. */
  readonly send: (nodeKey: string) => void;
}

/** Asks edge nodes for their births: at most one request under way per node, backed off, capped over the fleet. */
export class RebirthRequests {
  readonly #options: RebirthRequestsOptions;
  readonly #nodes = new Map<string, NodeRequests>();
  /** When the next request is due if all of them had come evenly spaced. */
  #evenAt = Number.NEGATIVE_INFINITY;

  constructor(options: RebirthRequestsOptions) {
    this.#options = options;
  }

  /**
   * Asks `nodeKey` as soon as the policy allows, not before `delayMs`; does nothing while a request waits already, unless
   * this one is urgent (no delay) and that one is not.
   */
  request(nodeKey: string, delayMs = 0): void {
    const { clock } = this.#options;
    const node = this.#nodeOf(nodeKey);
    if (node.waiting !== undefined && !(node.isPatient && delayMs === 0)) return;
    node.waiting?.[Symbol.dispose]();
    node.waiting = undefined;
    node.isPatient = delayMs > 0;
    const now = clock.now();
    const backoffMs = this.#backoffOf(node);
    // Quiet for long enough: the trouble before was another one.
    if (now - node.lastAt > 2 * backoffMs + 60_000) node.sent = 0;
    const allowedAt = node.sent === 0 ? now : node.lastAt + backoffMs;
    const waitMs = Math.max(delayMs, allowedAt - now, this.#slotIn(now));
    if (waitMs <= 0) this.#send(nodeKey, node);
    else node.waiting = clock.after(waitMs, () => this.#send(nodeKey, node));
  }

  /** The births came: a request that still waits is dropped. */
  satisfied(nodeKey: string): void {
    const node = this.#nodes.get(nodeKey);
    node?.waiting?.[Symbol.dispose]();
    if (node !== undefined) node.waiting = undefined;
  }

  [Symbol.dispose](): void {
    for (const nodeKey of this.#nodes.keys()) this.satisfied(nodeKey);
    this.#nodes.clear();
  }

  #send(nodeKey: string, node: NodeRequests): void {
    node.waiting = undefined;
    node.sent += 1;
    node.lastAt = this.#options.clock.now();
    this.#options.send(nodeKey);
  }

  #nodeOf(nodeKey: string): NodeRequests {
    let node = this.#nodes.get(nodeKey);
    if (node === undefined) {
      node = { waiting: undefined, isPatient: false, sent: 0, lastAt: 0 };
      this.#nodes.set(nodeKey, node);
    }
    return node;
  }

  #backoffOf(node: NodeRequests): number {
    const { debounceMs, maxBackoffMs } = this.#options.policy;
    return Math.min(maxBackoffMs, debounceMs * 2 ** Math.min(Math.max(node.sent - 1, 0), 20));
  }

  /** Reserves the next place in the fleet's rate and returns how far away it is, in ms (0 or less: now). */
  #slotIn(now: number): number {
    const { policy, random } = this.#options;
    const spacingMs = 1000 / policy.perSecond;
    const earliest = now - (policy.burst - 1) * spacingMs;
    const slot = Math.max(this.#evenAt, earliest);
    this.#evenAt = slot + spacingMs;
    return slot <= now ? 0 : slot - now + random() * spacingMs;
  }
}
