import { Readable } from "node:stream";
import type { InjectOptions, LightMyRequestResponse } from "fastify";
import { sessionName } from "#fleet/access/sessions.ts";
import { CommandBook } from "#fleet/command-book.ts";
import { DeviceList } from "#fleet/device-list.ts";
import { LagMeter } from "#fleet/lag-meter.ts";
import { PackageChanges } from "#fleet/package-changes.ts";
import type { SampleSink } from "#fleet/ports.ts";
import { type PackageRole, packageRoles } from "#model/command-spec.ts";
import { HostError } from "#model/errors.ts";
import { createFacade } from "#rest/facade.ts";
import { LiveHub } from "#rest/live/live-hub.ts";
import type { FacadeParts } from "#rest/parts.ts";
import type { Api } from "#rest/server/api.ts";
import type { ApplicationOptions } from "#rest/server/application.ts";
import { HttpListener } from "#rest/server/http-listener.ts";
import { controlFleet } from "./control-fleet.ts";
import { emptyLibrary } from "./empty-library.ts";
import { freePort } from "./free-port.ts";
import { fixedUser, memoryAccess } from "./memory-access.ts";
import { MemoryEvents } from "./memory-events.ts";
import { MemoryHistory } from "./memory-history.ts";
import { silentLogger } from "./silent-logger.ts";
import type { TestFleet } from "./test-fleet.ts";

const intact = { intact: true, entries: 0, fault: undefined, anchor: undefined };

/** The whole facade over a fleet in memory, asked without a socket. */
export class FacadeFixture implements AsyncDisposable {
  readonly fleet: TestFleet;
  readonly #tokens = new Map<PackageRole, string>();
  readonly parts: FacadeParts;
  readonly app: Api;
  readonly #listener: HttpListener;

  private constructor(fleet: TestFleet, parts: FacadeParts, app: Api, listener: HttpListener) {
    this.fleet = fleet;
    this.parts = parts;
    this.app = app;
    this.#listener = listener;
  }

  /** `more` makes parts that a test wants real, over the same fleet. */
  static async open(
    options: Partial<ApplicationOptions> = {},
    more: (fleet: TestFleet) => Promise<Partial<FacadeParts>> = async () => ({}),
  ): Promise<FacadeFixture> {
    const sinks: SampleSink[] = [];
    const fleet = controlFleet({}, sinks);
    const { registry, live, presence, traffic, shelf, control, clock, transport, alarms, onboarding, tags } = fleet;
    const transportOf = () => transport;
    const { access } = memoryAccess(clock);
    access.sessions.onEnd(({ id }) => control.sessionEnded(sessionName(id)));
    await access.users.load(packageRoles.map((role) => fixedUser(role, role, `password of ${role}`)));
    const history = new MemoryHistory();
    const commandBook = new CommandBook(control.audit);
    const hub = new LiveHub({ registry, live, alarms, commandBook, access, clock });
    const lag = new LagMeter(() => clock.now());
    sinks.push(hub, lag);
    const parts: FacadeParts = {
      version: "1.2.3",
      startedAt: clock.now(),
      fleet: {
        registry,
        live,
        presence,
        traffic,
        shelf,
        control,
        clock,
        transports: [transport],
        devices: new DeviceList({ registry, presence, live }),
        commandBook,
        alarms,
        onboarding,
        tags,
        packageChanges: new PackageChanges({ registry, shelf, live, presence, control, transportOf, clock }),
        lag,
      },
      access,
      history: {
        raw: (query) => history.raw(query),
        processed: () => Promise.reject(new HostError("history-unavailable", "no aggregates in memory")),
      },
      exporter: { export: () => Readable.from([Buffer.from("time,value\n")]) },
      events: new MemoryEvents(alarms),
      audit: { query: async () => ({ entries: [], next: undefined }), verify: async () => intact },
      packages: emptyLibrary,
      hub,
      storeCounters: () => ({ accepted: 0, recovered: 0, stored: 0, merged: 0, queued: 0, unchanged: 0, dropped: {} }),
      waiting: () => ({
        journal: { bytes: 0, maxBytes: 1 },
        events: { appended: 0, recovered: 0, stored: 0, queued: 0, dropped: 0 },
        notifications: 0,
      }),
      health: () => [{ name: "opcua", ready: true, detail: "up" }],
      log: silentLogger(),
      ...(await more(fleet)),
    };
    const listener = new HttpListener({ port: await freePort(), host: "127.0.0.1", requestTimeoutMs: 1_000 });
    const app = await createFacade(parts, {
      server: listener.server,
      isTls: false,
      corsOrigins: [],
      trustProxy: false,
      requestsPerMinute: 100_000,
      ...options,
    });
    await app.ready();
    listener.handOver((request, response) => app.routing(request, response));
    return new FacadeFixture(fleet, parts, app, listener);
  }

  /** Opens a port, for what must go over sockets; gives its address. */
  async listen(): Promise<string> {
    await this.#listener.open();
    return this.#listener.url;
  }

  /** A request with the token of a user that has the role. */
  async as(role: PackageRole | undefined, request: InjectOptions): Promise<LightMyRequestResponse> {
    const token = role === undefined ? undefined : await this.tokenOf(role);
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return this.app.inject({ ...request, headers: { ...authorization, ...request.headers } });
  }

  /** The token of a session of the user that is named like the role. */
  async tokenOf(role: PackageRole): Promise<string> {
    const known = this.#tokens.get(role);
    if (known !== undefined) return known;
    const credentials = { name: role, password: `password of ${role}` };
    const { token } = await this.parts.access.login(credentials, { origin: "test", client: "test" });
    this.#tokens.set(role, token);
    return token;
  }

  /** The body of a GET that is answered with 200. */
  async get(url: string, role: PackageRole = "administrator"): Promise<unknown> {
    const answer = await this.as(role, { method: "GET", url });
    if (answer.statusCode !== 200) throw new Error(`${url}: ${answer.statusCode} ${answer.body}`);
    return answer.json();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.close();
    await this.#listener[Symbol.asyncDispose]();
  }
}
