import { randomUUID } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { Alarms } from "#fleet/alarms/alarms.ts";
import { Control } from "#fleet/control.ts";
import type { Device } from "#fleet/device.ts";
import { LiveValues } from "#fleet/live-values.ts";
import { PackageChanges } from "#fleet/package-changes.ts";
import { PackageShelf } from "#fleet/package-shelf.ts";
import { PresenceBoard } from "#fleet/presence.ts";
import { DeviceRegistry } from "#fleet/registry.ts";
import { TagNameplates } from "#fleet/tag-nameplates.ts";
import { Traffic } from "#fleet/traffic.ts";
import { systemClock } from "#lib/clock.ts";
import { createJsonLogger } from "#lib/logger.ts";
import type { DevicePackage } from "#model/device-package.ts";
import { Quality } from "#model/quality.ts";
import { SampleBatch } from "#model/sample-batch.ts";
import type { HistoryBacking } from "#opcua/history/serve-history.ts";
import { OpcUaServer } from "#opcua/server.ts";
import { benchAccess } from "./bench-access.ts";

/** The OPC UA part of the host with a fleet in memory, for benchmarks of the address space. */
export class OpcUaBenchServer {
  readonly devices: Device[] = [];
  readonly #live = new LiveValues();
  readonly server: OpcUaServer;
  readonly alarms: Alarms;
  readonly #registry: DeviceRegistry;
  readonly #batch = new SampleBatch(64);

  /** `historyOf`: what history is served from; without it none is. */
  // oxlint-disable-next-line max-params -- one caller each
  constructor(port: number, pkg: DevicePackage, count: number, historyOf?: (control: Control) => HistoryBacking) {
    const log = createJsonLogger("silent", new Writable({ write: (_chunk, _encoding, done) => done() }));
    const live = this.#live;
    const presence = new PresenceBoard();
    this.#registry = new DeviceRegistry(live);
    const transportOf = () => undefined;
    const control = new Control({
      live,
      presence,
      transportOf,
      auditLog: { record: () => Promise.resolve() },
      clock: systemClock,
      elapsed: () => performance.now(),
      newId: () => "1",
      digest: (text) => text,
      log,
    });
    const registry = this.#registry;
    const shelf = new PackageShelf();
    const clock = systemClock;
    this.alarms = new Alarms({
      registry,
      live,
      presence,
      warnings: control.warnings,
      isReachable: () => true,
      startedAt: clock.now(),
      audit: control.audit,
      clock,
      elapsed: () => performance.now(),
      newEventId: () => randomUUID().replaceAll("-", ""),
    });
    this.server = new OpcUaServer(
      {
        port,
        host: "127.0.0.1",
        applicationUri: "urn:bench:fdi-host",
        version: "0",
        pkiFolder: mkdtempSync(join(tmpdir(), "fdi-host-bench-")),
        nodesetFolder: join(tmpdir(), "no-nodesets"),
        allowInsecure: true,
      },
      {
        registry,
        live,
        presence,
        traffic: new Traffic(),
        control,
        packageChanges: new PackageChanges({ registry, shelf, live, presence, control, transportOf, clock }),
        tags: new TagNameplates(registry, control.audit, clock),
        alarms: this.alarms,
        access: benchAccess(control.audit),
        shelf,
        isOnline: () => true,
        ...(historyOf === undefined ? {} : { history: Promise.resolve(historyOf(control)) }),
        log,
      },
    );
    for (let i = 1; i <= count; i += 1) {
      const name = `CB-${String(i).padStart(5, "0")}`;
      this.devices.push(this.#registry.add(name, pkg, "sparkplug", `Bench/node-${i % 20}/${name}`));
    }
  }

  /** New values for the first `values` parameters of one device. */
  sample(device: Device, values: number, value: number): void {
    const now = Date.now();
    this.#batch.reset(now);
    for (let i = 0; i < values; i += 1) this.#batch.add(i, value + i, now, Quality.good);
    for (let i = 0; i < values; i += 1) this.#live.store(device.firstSlot + i, this.#batch, i);
    this.alarms.sink.accept(device, this.#batch);
    this.server.sink.accept(device, this.#batch);
  }
}
