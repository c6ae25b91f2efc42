import { AlarmEngine } from "#fleet/alarms/alarm-engine.ts";
import type { Device } from "#fleet/device.ts";
import { LiveValues } from "#fleet/live-values.ts";
import type { HistoryPage, HistoryReader } from "#fleet/ports.ts";
import { HostError } from "#model/errors.ts";
import type { EpochMs } from "#model/ids.ts";
import { SampleBatch } from "#model/sample-batch.ts";
import { ReplayClock } from "./replay-clock.ts";
import { concerns } from "./rule-book.ts";
import type { RuleDefinition } from "./rule-definition.ts";
import { alarmSpecOf } from "./rule-spec.ts";
import { ruleTrigger } from "./rule-trigger.ts";

/** One time that the rule would have been active. */
export interface Firing {
  readonly activeAt: EpochMs;
  /** Undefined: still active at the end. */
  readonly clearedAt: EpochMs | undefined;
  readonly message: string;
}

export interface TrialResult {
  readonly device: string;
  /** How often it would have become active. */
  readonly fired: number;
  readonly activeMs: number;
  /** The first ones. */
  readonly firings: readonly Firing[];
  /** Values that were looked at; with `isCut` there were more. */
  readonly samples: number;
  readonly isCut: boolean;
}

const sliceMs = 86_400_000;
const pageLimit = 10_000;
const maxSamples = 1_000_000;
const maxFirings = 100;

/**
 * What a rule would have done to a device between two times, by its stored values: the same evaluation as in real life, on
 * a clock that runs through the past. Throws `argument-invalid` when the rule does not fit the device, and
 * `history-unavailable`.
 */
export async function tryRule(
  rule: RuleDefinition,
  device: Device,
  { from, to }: { readonly from: EpochMs; readonly to: EpochMs },
  history: HistoryReader,
): Promise<TrialResult> {
  if (!concerns(rule, device.package)) {
    throw new HostError("argument-invalid", `rule ${rule.name} is for ${rule.deviceType ?? ""}, not for ${device.id}`);
  }
  const trial = new Trial(rule, device, from);
  for (let start = from; start < to && !trial.isCut; start += sliceMs) {
    const end = Math.min(to, start + sliceMs);
    const columns: Column[] = [];
    for (const input of trial.inputs)
      columns.push(...(await readColumn(device, input, { from: start, to: end }, history)));
    trial.play(columns);
  }
  return trial.end(to);
}

interface Column {
  readonly parameter: number;
  readonly page: HistoryPage;
}

// oxlint-disable-next-line max-params -- whose, what, when, from where
async function readColumn(
  device: Device,
  parameter: number,
  range: { readonly from: EpochMs; readonly to: EpochMs },
  history: HistoryReader,
): Promise<Column[]> {
  const name = device.package.parameters[parameter]?.name ?? "";
  const columns: Column[] = [];
  let rows = 0;
  for (let after: EpochMs | undefined; rows < maxSamples; ) {
    const from = after === undefined ? {} : { after };
    const query = { device: device.id, parameter: name, ...range, reverse: false, limit: pageLimit, ...from };
    const page = await history.raw(query);
    columns.push({ parameter, page });
    rows += page.times.length;
    after = page.times.at(-1);
    if (!page.more || after === undefined) break;
  }
  return columns;
}

/** One device with one rule, alone in a world of its own. */
class Trial {
  readonly inputs: readonly number[];
  isCut = false;
  readonly #clock: ReplayClock;
  readonly #live = new LiveValues();
  readonly #engine: AlarmEngine;
  readonly #device: Device;
  readonly #batch = new SampleBatch(1);
  readonly #firings: { activeAt: EpochMs; clearedAt: EpochMs | undefined; message: string }[] = [];
  #fired = 0;
  #samples = 0;
  #activeMs = 0;
  #activeSince: EpochMs | undefined;

  constructor(rule: RuleDefinition, device: Device, from: EpochMs) {
    const clock = new ReplayClock(from);
    this.#clock = clock;
    this.#device = { ...device, firstSlot: this.#live.allocate(device.package.parameters.length) };
    this.#engine = new AlarmEngine({
      live: this.#live,
      clock,
      elapsed: () => clock.now(),
      newEventId: () => "",
      restored: () => undefined,
      onRestored: () => {},
      onChatter: () => {},
      onChange: ({ before, after }) =>
        this.#changed(before.active && !before.latched, after.active && !after.latched, after.message),
    });
    const type = this.#engine.typeOf(device.package);
    const trigger = ruleTrigger(rule, device.package, this.#engine.situation);
    if (typeof trigger === "string") throw new HostError("argument-invalid", `rule ${rule.name}: ${trigger}`);
    this.inputs = trigger.inputs;
    this.#engine.open(this.#device);
    this.#engine.addRule(type, alarmSpecOf(rule), trigger);
  }

  /** Plays values in the order of their times. */
  play(columns: readonly Column[]): void {
    const order = columns.flatMap(({ page }, column) => Array.from(page.times, (time, row) => ({ time, column, row })));
    order.sort((a, b) => a.time - b.time);
    for (const { time, column, row } of order) {
      const from = columns[column];
      if (from === undefined) continue;
      this.#samples += 1;
      this.isCut ||= this.#samples >= maxSamples;
      if (this.isCut) return;
      this.#sample(from, row, time);
    }
  }

  end(to: EpochMs): TrialResult {
    if (!this.isCut) this.#clock.moveTo(to);
    if (this.#activeSince !== undefined) this.#activeMs += this.#clock.now() - this.#activeSince;
    this.#engine.stop();
    return {
      device: this.#device.id,
      fired: this.#fired,
      activeMs: this.#activeMs,
      firings: this.#firings,
      samples: this.#samples,
      isCut: this.isCut,
    };
  }

  #sample({ parameter, page }: Column, row: number, time: EpochMs): void {
    this.#clock.moveTo(time);
    const batch = this.#batch;
    batch.reset(time);
    const quality = page.qualities[row] ?? 0;
    const text = page.texts?.[row];
    if (text === undefined) batch.add(parameter, page.values[row] ?? Number.NaN, time, quality);
    else batch.addText(parameter, text, time, quality);
    this.#live.store(this.#device.firstSlot + parameter, batch, 0);
    this.#engine.accept(this.#device, batch);
  }

  // oxlint-disable-next-line max-params -- before, after, what people would have been told
  #changed(was: boolean, is: boolean, message: string): void {
    const now = this.#clock.now();
    if (is && !was) {
      this.#fired += 1;
      this.#activeSince = now;
      if (this.#firings.length < maxFirings) this.#firings.push({ activeAt: now, clearedAt: undefined, message });
    } else if (was && !is && this.#activeSince !== undefined) {
      this.#activeMs += now - this.#activeSince;
      this.#activeSince = undefined;
      const last = this.#firings.at(-1);
      if (last !== undefined && this.#fired === this.#firings.length) last.clearedAt = now;
    }
  }
}
