import { demand } from "#fleet/access/action.ts";
import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import type { CommandAck, Principal } from "#model/command.ts";
import { HostError } from "#model/errors.ts";
import type { SampleBatch } from "#model/sample-batch.ts";
import { Audit } from "./audit.ts";
import { ControlPath } from "./commands/control-path.ts";
import { Lanes } from "./commands/lanes.ts";
import { SettingWriter } from "./commands/setting-writer.ts";
import { Commands } from "./commands.ts";
import { Configurations } from "./configurations.ts";
import type { Device } from "./device.ts";
import { DeviceTests } from "./device-tests.ts";
import type { LiveValues } from "./live-values.ts";
import { Locks } from "./locks.ts";
import type { AuditLog, DeviceTransport, TestReportStore } from "./ports.ts";
import type { PresenceBoard } from "./presence.ts";
import { Selections } from "./selections.ts";
import { Templates } from "./templates.ts";
import { WarningBoard } from "./warning-board.ts";
import { Writes } from "./writes.ts";

export interface ControlParts {
  readonly live: LiveValues;
  readonly presence: PresenceBoard;
  readonly transportOf: (device: Device) => DeviceTransport | undefined;
  readonly auditLog: AuditLog;
  readonly clock: Clock;
  /** Milliseconds of a clock that is never set. */
  readonly elapsed: () => number;
  readonly newId: () => string;
  /** A short text that is different for different texts. */
  readonly digest: (text: string) => string;
  readonly log: Logger;
  /** Where reports of tests outlive the host. */
  readonly reports?: TestReportStore;
  /** Default 60 s. */
  readonly maxInactiveLockMs?: number;
  /** Time for a device to report a setting that was written. Default 30 s. */
  readonly writeTimeoutMs?: number;
}

/** Everything that changes devices, on one path; and what watches that nothing else does. */
export class Control {
  readonly warnings = new WarningBoard();
  readonly audit: Audit;
  readonly locks: Locks;
  readonly selections: Selections;
  readonly commands: Commands;
  readonly writes: Writes;
  readonly templates: Templates;
  readonly tests: DeviceTests;
  readonly configurations: Configurations;
  readonly #lanes: Lanes;

  constructor(parts: ControlParts) {
    const { live, presence, transportOf, auditLog, clock, elapsed, newId, digest, log } = parts;
    const { maxInactiveLockMs = 60_000, writeTimeoutMs = 30_000 } = parts;
    this.audit = new Audit({ log: auditLog, warnings: this.warnings, clock, logger: log });
    const { audit } = this;
    this.locks = new Locks({ clock, elapsed, audit, maxInactiveMs: maxInactiveLockMs });
    this.selections = new Selections({ clock, newId, audit });
    const lanes = new Lanes({
      clock,
      elapsed,
      log,
      onLate: (device, { plan }, evidence) => {
        log.warn({ device: device.id, command: plan.action, id: plan.commandId }, evidence);
        const about = { commandId: plan.commandId, user: "", origin: device.address, device: device.id };
        audit.note({ at: clock.now(), kind: "late", ...about, action: plan.action, detail: evidence });
      },
    });
    this.#lanes = lanes;
    const { locks, selections, warnings } = this;
    const path = new ControlPath({ lanes, locks, audit, presence, transportOf, clock, newId, log });
    const writer = new SettingWriter(live, writeTimeoutMs);
    this.commands = new Commands({ path, selections, live, clock, newId });
    this.writes = new Writes({ path, writer, live });
    this.templates = new Templates({ path, writer, live });
    const { commands } = this;
    this.tests = new DeviceTests({
      commands,
      live,
      presence,
      transportOf,
      audit,
      clock,
      newId,
      reports: parts.reports,
    });
    const awaits: Lanes["awaits"] = (device, spec, value) => lanes.awaits(device, spec, value);
    this.configurations = new Configurations({ audit, warnings, clock, digest, awaits });
  }

  /** The settings of a device as it reports them; `text` is JSON. */
  configurationOf(device: Device): { readonly revision: number; readonly hash: string; readonly text: string } {
    const { configurations } = this;
    const revision = configurations.revisionOf(device);
    const hash = configurations.hashOf(device);
    const { id, revision: packageRevision } = device.package;
    const settings = configurations.recordOf(device)?.reported ?? {};
    const differences = configurations.differencesOf(device);
    const shown = { device: device.id, package: `${id}@${packageRevision}`, revision, hash, settings, differences };
    const text = JSON.stringify(shown, (_name, value: unknown) => (typeof value === "bigint" ? Number(value) : value));
    return { revision, hash, text };
  }

  /**
   * Takes settings that were changed on site as what they shall be. Throws `access-denied` below the role maintenance, and
   * `device-locked`.
   */
  acceptConfiguration(device: Device, by: Principal): void {
    demand(by, "configuration.accept", `accept the configuration of ${device.id}`);
    using _lock = this.locks.use(device, by);
    this.configurations.accept(device, by);
  }

  /** New samples of a device, before the live values have them. */
  before(device: Device, batch: SampleBatch): void {
    this.configurations.observe(device, batch);
  }

  /** The same samples once the live values have them. */
  observe(device: Device, batch: SampleBatch): void {
    this.#lanes.observe(device, batch);
    this.tests.observe(device);
  }

  acknowledged(device: Device, ack: CommandAck): void {
    this.#lanes.acknowledged(device, ack);
  }

  lost(device: Device, reason: string): void {
    this.#lanes.lost(device, reason);
    this.tests.lost(device, reason);
  }

  /**
   * Keeps commands, writes and tests off a device until the answer is disposed. Throws `command-busy` while one is under
   * way; a trip still goes ahead.
   */
  reserve(device: Device, action: string): Disposable {
    const running = this.tests.running(device);
    if (running !== undefined) throw new HostError("command-busy", `${device.id} is still busy with ${running.test}`);
    return this.#lanes.enter(device, action, "configure");
  }

  /** Locks and selections of a session end with it. */
  sessionEnded(session: string): void {
    this.locks.sessionEnded(session);
    this.selections.sessionEnded(session);
  }

  /** The device was removed from the host. */
  forget(device: Device): void {
    this.#lanes.forget(device);
    this.tests.lost(device, "removed from the host");
    this.locks.forget(device);
    this.selections.forget(device);
    this.configurations.forget(device);
  }
}
