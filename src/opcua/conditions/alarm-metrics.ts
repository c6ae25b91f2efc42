import {
  type AddressSpace,
  type BaseNode,
  DataType,
  type ISessionContext,
  PermissionFlag,
  StatusCodes,
  type UAObject,
  Variant,
} from "node-opcua";
import { allows } from "#fleet/access/action.ts";
import type { AlarmBoard, EventRecord } from "#fleet/alarms/ports.ts";
import type { Clock } from "#lib/clock.ts";
import type { PackageRole } from "#model/command-spec.ts";
import { InternalError } from "#model/errors.ts";
import { isMethodNode, isVariableNode } from "#opcua/engine/node-guards.ts";
import { rolePermissions } from "#opcua/role-permissions.ts";

export interface AlarmMetricsParts {
  readonly board: Pick<AlarmBoard, "onEvent" | "retained">;
  readonly clock: Clock;
  /** Whether anonymous sessions may look. */
  readonly showsAll: boolean;
}

/** Rates are alarms within this time (Rate of AlarmRateVariableType, in seconds). */
const rateWindowS = 60;

/**
 * How much the alarms ask of operators: an AlarmMetricsType object (OPC 10000-9, 5.8.29) for the whole fleet. Values are
 * worked out when they are read; an event costs a few additions.
 */
export class AlarmMetrics {
  readonly #parts: AlarmMetricsParts;
  /** Times of the onsets within the window, oldest first; `#first` is the first that still counts. */
  #onsets: number[] = [];
  #first = 0;
  #count = 0;
  #startedAt: number;
  #maximumRate = 0;
  #maximumActiveMs = 0;
  #maximumUnacknowledgedMs = 0;

  constructor(parts: AlarmMetricsParts) {
    this.#parts = parts;
    this.#startedAt = parts.clock.now();
    parts.board.onEvent((event) => this.#observe(event));
  }

  /** Shows the metrics below `parent`. */
  show(addressSpace: AddressSpace, parent: UAObject): void {
    const type = addressSpace.findObjectType("AlarmMetricsType");
    if (type === null) throw new InternalError("AlarmMetricsType is not in the address space");
    const object = type.instantiate({
      browseName: "AlarmMetrics",
      nodeId: "s=Fleet/AlarmMetrics",
      componentOf: parent,
    });
    const bind = (name: string, dataType: DataType, read: () => unknown): void => {
      const variable = childOf(object, name);
      if (!isVariableNode(variable)) throw new InternalError(`AlarmMetricsType has no ${name}`);
      variable.bindVariable({ get: () => new Variant({ dataType, value: read() }) }, true);
    };
    bind("AlarmCount", DataType.UInt32, () => this.#count);
    bind("StartTime", DataType.DateTime, () => new Date(this.#startedAt));
    bind("MaximumActiveState", DataType.Double, () => this.#longest(this.#maximumActiveMs, ({ active }) => active));
    bind("MaximumUnAck", DataType.Double, () =>
      this.#longest(this.#maximumUnacknowledgedMs, ({ acknowledged }) => !acknowledged),
    );
    bind("CurrentAlarmRate", DataType.Double, () => this.#rateNow());
    bind("MaximumAlarmRate", DataType.Double, () => this.#maximumRate);
    bind("AverageAlarmRate", DataType.Double, () => this.#averageRate());
    // No alarm is repeated while it stands.
    bind("MaximumReAlarmCount", DataType.UInt32, () => 0);
    for (const name of ["CurrentAlarmRate", "MaximumAlarmRate", "AverageAlarmRate"]) {
      const rate = childOf(childOf(object, name), "Rate");
      if (isVariableNode(rate)) rate.setValueFromSource({ dataType: DataType.UInt16, value: rateWindowS });
    }
    this.#bindReset(object);
  }

  #bindReset(object: UAObject): void {
    const method = childOf(object, "Reset");
    if (!isMethodNode(method)) throw new InternalError("AlarmMetricsType has no Reset");
    const mayReset = (role: PackageRole): boolean => allows([role], "alarm.configure");
    method.setRolePermissions(rolePermissions(this.#parts.showsAll, PermissionFlag.Call, mayReset));
    method.bindMethod((_inputs: Variant[], _context: ISessionContext) => {
      this.#reset();
      return Promise.resolve({ statusCode: StatusCodes.Good, outputArguments: [] });
    });
  }

  #reset(): void {
    this.#startedAt = this.#parts.clock.now();
    [this.#count, this.#maximumRate, this.#maximumActiveMs, this.#maximumUnacknowledgedMs] = [0, 0, 0, 0];
  }

  #observe({ kind, alarm }: EventRecord): void {
    if (alarm === undefined) return;
    const { activeAt, clearedAt, acknowledgedAt } = alarm.state;
    if (kind === "active") {
      this.#count += 1;
      this.#onsets.push(this.#parts.clock.now());
      this.#maximumRate = Math.max(this.#maximumRate, this.#rateNow());
    } else if (kind === "cleared") {
      this.#maximumActiveMs = Math.max(this.#maximumActiveMs, this.#since(activeAt, clearedAt));
    } else if (kind === "acknowledged") {
      this.#maximumUnacknowledgedMs = Math.max(this.#maximumUnacknowledgedMs, this.#since(activeAt, acknowledgedAt));
    }
  }

  /** The longest time so far, that of alarms which are still so included. */
  #longest(past: number, isStill: (state: { active: boolean; acknowledged: boolean }) => boolean): number {
    const now = this.#parts.clock.now();
    let longest = past;
    for (const { state } of this.#parts.board.retained()) {
      if (isStill(state)) longest = Math.max(longest, this.#since(state.activeAt, now));
    }
    return longest;
  }

  /** What lies before the start does not count. */
  #since(from: number | undefined, to: number | undefined): number {
    return from === undefined || to === undefined ? 0 : Math.max(0, to - Math.max(from, this.#startedAt));
  }

  #rateNow(): number {
    const oldest = this.#parts.clock.now() - rateWindowS * 1_000;
    while ((this.#onsets[this.#first] ?? Number.POSITIVE_INFINITY) <= oldest) this.#first += 1;
    // Forgets in large steps: taking one away from a long array moves all the others.
    if (this.#first > 1_000 && this.#first > this.#onsets.length / 2) {
      this.#onsets = this.#onsets.slice(this.#first);
      this.#first = 0;
    }
    return this.#onsets.length - this.#first;
  }

  #averageRate(): number {
    const elapsedS = Math.max(1, (this.#parts.clock.now() - this.#startedAt) / 1_000);
    return (this.#count * rateWindowS) / Math.max(elapsedS, rateWindowS);
  }
}

function childOf(node: BaseNode | null, name: string): BaseNode | null {
  return node?.getChildByName(name, 0) ?? null;
}
