import type { Clock } from "#lib/clock.ts";
import type { EpochMs } from "#model/ids.ts";
import type { ClientLinks } from "./link-format.ts";

/** What a client says when it registers (OMA Core 1.2, 6.2.1). */
export interface RegisterRequest {
  readonly endpoint: string;
  /** Seconds; 0 never expires. Default 86,400 (OMA Core 1.2, 6.2.1). */
  readonly lifetimeS: number | undefined;
  readonly version: string;
  /** Binding letters, e.g. `UQ`; Q is queue mode in LwM2M 1.0. */
  readonly binding: string | undefined;
  /** Queue mode as a parameter of its own (LwM2M 1.1). */
  readonly isQueueMode: boolean;
  readonly links: ClientLinks;
}

/** What an update changes; what it leaves out stays. */
export type UpdateRequest = Partial<Pick<RegisterRequest, "lifetimeS" | "binding" | "links">>;

export interface Registration extends Omit<RegisterRequest, "lifetimeS"> {
  readonly lifetimeS: number;
  readonly registeredAt: EpochMs;
  /** Undefined: never. */
  readonly expiresAt: EpochMs | undefined;
}

export interface RegistrationsOptions {
  readonly clock: Clock;
  /** A lifetime ran out without an update: the client is gone, and with it its observations. */
  readonly onExpired: (registration: Registration) => void;
}

const defaultLifetimeS = 86_400;
// Longer ones would overflow a timer: 24 days.
const longestTimerMs = 2_000_000_000;

/** The clients that are registered, by endpoint name, each until its lifetime ends. */
export class Registrations implements Disposable {
  readonly #options: RegistrationsOptions;
  readonly #byEndpoint = new Map<string, { registration: Registration; timer: Disposable | undefined }>();

  constructor(options: RegistrationsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#byEndpoint.size;
  }

  find(endpoint: string): Registration | undefined {
    return this.#byEndpoint.get(endpoint)?.registration;
  }

  all(): Registration[] {
    return [...this.#byEndpoint.values()].map(({ registration }) => registration);
  }

  /** Registers a client; one of the same name is replaced. */
  register(request: RegisterRequest): Registration {
    const now = this.#options.clock.now();
    return this.#keep({
      ...request,
      lifetimeS: request.lifetimeS ?? defaultLifetimeS,
      registeredAt: now,
      expiresAt: undefined,
    });
  }

  /** Renews a registration; undefined when there is none: the client has to register again. */
  update(endpoint: string, { lifetimeS, binding, links }: UpdateRequest): Registration | undefined {
    const known = this.find(endpoint);
    if (known === undefined) return undefined;
    return this.#keep({
      ...known,
      lifetimeS: lifetimeS ?? known.lifetimeS,
      binding: binding ?? known.binding,
      links: links ?? known.links,
    });
  }

  /** Ends a registration; false when there is none. */
  remove(endpoint: string): boolean {
    this.#byEndpoint.get(endpoint)?.timer?.[Symbol.dispose]();
    return this.#byEndpoint.delete(endpoint);
  }

  [Symbol.dispose](): void {
    for (const endpoint of this.#byEndpoint.keys()) this.remove(endpoint);
  }

  #keep(draft: Registration): Registration {
    const { clock } = this.#options;
    this.remove(draft.endpoint);
    const expiresAt = draft.lifetimeS > 0 ? clock.now() + draft.lifetimeS * 1_000 : undefined;
    const registration: Registration = { ...draft, expiresAt };
    this.#byEndpoint.set(draft.endpoint, { registration, timer: this.#timerFor(registration) });
    return registration;
  }

  #timerFor(registration: Registration): Disposable | undefined {
    const { clock } = this.#options;
    const { endpoint, expiresAt } = registration;
    if (expiresAt === undefined) return undefined;
    const waitMs = expiresAt - clock.now();
    return clock.after(Math.min(waitMs, longestTimerMs), () => {
      const entry = this.#byEndpoint.get(endpoint);
      if (entry === undefined || entry.registration !== registration) return;
      if (waitMs > longestTimerMs) {
        entry.timer = this.#timerFor(registration);
        return;
      }
      this.#byEndpoint.delete(endpoint);
      this.#options.onExpired(registration);
    });
  }
}

/** True when the registration asked for queue mode, in either version's way. */
export function isQueueMode({ isQueueMode: asked, binding }: Pick<Registration, "isQueueMode" | "binding">): boolean {
  return asked || (binding ?? "").includes("Q");
}
