import type { PresenceState, Uplink } from "#fleet/ports.ts";
import type { Clock } from "#lib/clock.ts";
import type { DataType } from "#model/data-type.ts";
import type { EpochMs } from "#model/ids.ts";
import { SampleBatch } from "#model/sample-batch.ts";
import type { ObjectModels } from "#transport/lwm2m/core/object-model.ts";
import { resourcePathText } from "#transport/lwm2m/core/path.ts";
import type { Registration } from "#transport/lwm2m/core/registrations.ts";
import type { DecodeContext, ResourceNode, ResourceType } from "#transport/lwm2m/core/resource-node.ts";
import { pointsOf, withMeter } from "#transport/lwm2m/device-points.ts";
import { addNodeSamples } from "#transport/lwm2m/node-samples.ts";
import { deviceTypePath, offeredPoint } from "#transport/lwm2m/offered-points.ts";
import { DeviceTable, maxNewcomers } from "#transport/shared/device-table.ts";
import { SilenceWatch } from "#transport/shared/silence-watch.ts";
import { newOmaClient, type OmaClient } from "./oma-client.ts";

export interface OmaClientsParts {
  readonly uplink: Uplink;
  readonly clock: Clock;
  readonly models: ObjectModels;
  readonly probeMs: number;
  readonly maxClients: number;
  /** Resolves when the client answered anything. */
  readonly probe: (client: OmaClient) => Promise<void>;
  /** The client is not remembered any more: too many others came, and nobody admitted it. */
  readonly forgotten: (client: OmaClient) => void;
}

const refusalMs = 10_000;
const maxEarly = 2_000;
const maxOffers = 500;

/** The endpoints that were heard of: their devices in the fleet, their values, and which of them live. */
export class OmaClients implements Disposable {
  readonly #parts: OmaClientsParts;
  readonly #clients: DeviceTable<OmaClient>;
  readonly #silence: SilenceWatch<OmaClient>;
  readonly #batch = new SampleBatch();

  constructor(parts: OmaClientsParts) {
    this.#parts = parts;
    this.#clients = new DeviceTable({ admitted: parts.maxClients, newcomers: maxNewcomers }, (client) => {
      this.#silence.remove(client);
      client.pending.fail("forgotten: too many strangers");
      client.downlink.close("forgotten: too many strangers");
      parts.forgotten(client);
    });
    this.#silence = new SilenceWatch(parts.clock, (client) => this.#silent(client));
  }

  find(endpoint: string): OmaClient | undefined {
    return this.#clients.get(endpoint);
  }

  of(endpoint: string, topic: string): OmaClient {
    const { clock, probeMs } = this.#parts;
    const known = this.#clients.get(endpoint);
    if (known !== undefined) return known;
    const client = newOmaClient(endpoint, topic, clock, probeMs);
    this.#clients.add(endpoint, client);
    this.#silence.add(client);
    return client;
  }

  /** Types of resources: of the known objects, else as the client's package declares them. */
  typeOf(client: OmaClient): DecodeContext["typeOf"] {
    const { models } = this.#parts;
    return (path) => {
      const known = models.typeOf(path);
      if (known !== undefined) return known;
      const point = client.points?.get(resourcePathText(path));
      return point === undefined ? undefined : resourceTypes[point.dataType];
    };
  }

  registered(client: OmaClient, { links }: Registration, isQueued: boolean): void {
    client.generation += 1;
    client.early = [];
    client.refusedUntil = 0;
    client.pending.fail(`${client.endpoint} registered anew`);
    client.downlink.isQueued = isQueued;
    // A sleeping client is silent by right: only the end of its registration says that it is gone.
    client.limitMs = isQueued ? Number.POSITIVE_INFINITY : this.#parts.probeMs;
    const [format] = links.formats;
    if (format !== undefined) client.writeFormat = format;
  }

  introducing(client: OmaClient, questions: number): void {
    client.introductionsLeft = questions;
  }

  /** True when its values are of no use: the fleet does not want it. */
  isRefused(client: OmaClient): boolean {
    return client.record === undefined && client.introductionsLeft === 0;
  }

  wantsIntroduction(client: OmaClient): boolean {
    return this.isRefused(client) && this.#parts.clock.now() >= client.refusedUntil;
  }

  /** One question of the introduction is over, answered or not. */
  answered(client: OmaClient, generation: number): void {
    if (client.generation !== generation || client.introductionsLeft === 0) return;
    client.introductionsLeft -= 1;
    this.#admit(client);
  }

  /** Reports values, or keeps them until the client is admitted. */
  values(client: OmaClient, nodes: readonly ResourceNode[], receivedAt: EpochMs): void {
    if (client.record !== undefined) {
      this.#report(client, nodes, receivedAt);
      return;
    }
    // Times are fixed now: the values may wait.
    for (const node of nodes) if (client.early.length < maxEarly) client.early.push({ time: receivedAt, ...node });
    this.#admit(client);
  }

  heard(client: OmaClient, at: EpochMs): void {
    client.lastHeard = at;
    client.isHeard = true;
    this.#tell(client, "online", at, "it reports");
    client.downlink.heard();
  }

  left(client: OmaClient, at: EpochMs, reason: string): void {
    client.isHeard = false;
    client.generation += 1;
    client.introductionsLeft = 0;
    client.pending.fail(reason);
    client.downlink.close(reason);
    this.#tell(client, "offline", at, reason);
  }

  lost(cause: string): void {
    const reason = `broker connection lost: ${cause}`;
    for (const client of this.#clients.values()) {
      client.pending.fail(reason);
      client.downlink.close(reason);
      if (!client.isHeard) continue;
      client.isHeard = false;
      this.#tell(client, "stale", this.#parts.clock.now(), reason);
    }
  }

  forgetRecord(client: OmaClient): void {
    this.#clients.dismiss(client.endpoint);
    client.record = undefined;
    client.points = undefined;
    client.refusedUntil = 0;
  }

  [Symbol.dispose](): void {
    this.#silence[Symbol.dispose]();
  }

  #silent(client: OmaClient): void {
    this.#parts.probe(client).catch(() => {
      if (client.isHeard) return;
      this.#tell(client, "stale", this.#parts.clock.now(), `no word for ${client.limitMs / 1_000} s, and no answer`);
    });
  }

  /** Proposes the client to the fleet once it is clear what it is: by its declared type, or by all that it offers. */
  #admit(client: OmaClient): void {
    const { uplink, clock } = this.#parts;
    if (client.record !== undefined || clock.now() < client.refusedUntil) return;
    const declared = client.early.find(({ path }) => resourcePathText(path) === deviceTypePath)?.value;
    const declaredType = typeof declared === "string" && declared !== "" ? declared.slice(0, 128) : undefined;
    if (declaredType === undefined && client.introductionsLeft > 0) return;
    if (this.#clients.isFull) {
      uplink.flawed(client.endpoint, "too-many", "as many devices as are allowed");
      client.refusedUntil = clock.now() + refusalMs;
      return;
    }
    const values = new Map(client.early.map(({ path, value }) => [resourcePathText(path), value]));
    client.record = uplink.announced({
      protocol: "lwm2m",
      name: client.endpoint,
      address: `rd/${client.endpoint}`,
      declaredType,
      points: [...values.keys()],
      offers: [...values].flatMap(([path, value]) => offeredPoint(path, value) ?? []).slice(0, maxOffers),
      at: clock.now(),
      isMessage: false,
    });
    if (client.record === undefined) {
      client.refusedUntil = clock.now() + refusalMs;
      return;
    }
    this.#clients.admit(client.endpoint);
    client.points = withMeter(pointsOf(client.record.package));
    this.#tell(client, "online", clock.now(), "it registered");
    this.#report(client, client.early, clock.now());
    client.early = [];
  }

  #report(client: OmaClient, nodes: readonly ResourceNode[], receivedAt: EpochMs): void {
    const { record, points } = client;
    if (record === undefined || points === undefined) return;
    this.#batch.reset(receivedAt);
    const problem = addNodeSamples(this.#batch, nodes, points, receivedAt);
    if (this.#batch.size > 0) this.#parts.uplink.samples(record, this.#batch);
    if (problem !== undefined) this.#parts.uplink.flawed(client.endpoint, "wrong-type", problem);
  }

  #tell(client: OmaClient, state: PresenceState, at: EpochMs, reason: string): void {
    if (client.record !== undefined) this.#parts.uplink.presence(client.record, state, at, reason);
  }
}

const resourceTypes = {
  boolean: "boolean",
  int8: "integer",
  uint8: "unsigned",
  int16: "integer",
  uint16: "unsigned",
  int32: "integer",
  uint32: "unsigned",
  int64: "integer",
  uint64: "unsigned",
  float: "float",
  double: "float",
  string: "string",
  "date-time": "time",
} satisfies Record<DataType, ResourceType>;
