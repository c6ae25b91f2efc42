import { demand } from "#fleet/access/action.ts";
import type { CommandOutcome, Principal } from "#model/command.ts";
import type { ParameterValue } from "#model/data-type.ts";
import { HostError } from "#model/errors.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import type { ControlPath, Order } from "./commands/control-path.ts";
import type { SettingWriter } from "./commands/setting-writer.ts";
import type { Device } from "./device.ts";
import { knownValueOf } from "./known-values.ts";
import type { LiveValues } from "./live-values.ts";
import { checkRules, checkSetting, checkValidity } from "./package-rules.ts";

export interface WriteRequest {
  readonly device: Device;
  /** Name of the parameter. */
  readonly parameter: string;
  readonly value: ParameterValue;
  readonly by: Principal;
}

export interface WritesParts {
  readonly path: ControlPath;
  readonly writer: SettingWriter;
  readonly live: LiveValues;
}

/** Writes that may wait for one device. */
const maxWaiting = 256;

/** Parameter writes: the same path as commands, confirmed by the value that the device reports back. */
export class Writes {
  readonly #parts: WritesParts;
  /** The last write of each device that has any, and how many wait. */
  readonly #queues = new Map<Device, { readonly tail: Promise<unknown>; readonly waiting: number }>();

  constructor(parts: WritesParts) {
    this.#parts = parts;
  }

  /**
   * Writes one parameter and waits until the device reports the value. Writes of one device are done one after the other,
   * in the order of the calls. Throws CommandError: as Commands.execute, and `parameter-unknown`, `not-writable`,
   * `value-type-mismatch`, `value-out-of-range`, `rule-violated`, `overloaded`.
   */
  async write(request: WriteRequest): Promise<CommandOutcome> {
    const { device } = request;
    const queue = this.#queues.get(device);
    const waiting = (queue?.waiting ?? 0) + 1;
    const run = (): Promise<CommandOutcome> => this.#parts.path.run(this.#orderOf(request, waiting));
    // Too many: refused at once, but by the same path, so that the audit has it.
    if (waiting > maxWaiting) return run();
    const turn = queue === undefined ? run() : queue.tail.then(run, run);
    this.#queues.set(device, { tail: turn, waiting });
    try {
      return await turn;
    } finally {
      this.#leave(device);
    }
  }

  #leave(device: Device): void {
    const queue = this.#queues.get(device);
    if (queue === undefined) return;
    if (queue.waiting <= 1) this.#queues.delete(device);
    else this.#queues.set(device, { tail: queue.tail, waiting: queue.waiting - 1 });
  }

  #orderOf({ device, parameter, value, by }: WriteRequest, waiting: number): Order {
    const { live, writer } = this.#parts;
    const found = device.package.parameterByName.get(parameter);
    const spec = (): ParameterSpec => found ?? unknownParameter(device, parameter);
    return {
      device,
      by,
      action: `write ${parameter.slice(0, 80)}`,
      effect: "configure",
      authorise: () => authoriseWrite(device, spec(), by),
      check: () => {
        if (waiting > maxWaiting) {
          throw new HostError("overloaded", `${device.id}: ${maxWaiting} writes wait already`);
        }
        checkSetting(device, spec(), value);
      },
      permit: () => {
        checkValidity(device, spec(), live);
        checkRules(device, new Map([[parameter, value]]), live);
      },
      about: () => ({ changes: [{ parameter, before: knownValueOf(device, spec(), live), after: value }] }),
      carryOut: (passage) => writer.write(passage, { device, spec: spec(), value }),
    };
  }
}

/** Throws `not-writable` for what nobody can write, and `access-denied` unless `by` may write it. */
export function authoriseWrite(device: Device, spec: ParameterSpec, by: Principal): void {
  if (spec.access === "read") throw new HostError("not-writable", `${device.id} ${spec.name} cannot be written`);
  demand(by, { package: device.package, group: spec.group }, `write ${spec.name} of ${device.id}`);
}

function unknownParameter(device: Device, parameter: string): never {
  const name = JSON.stringify(parameter.slice(0, 80));
  throw new HostError("parameter-unknown", `${device.id}: ${device.package.typeName} has no parameter ${name}`);
}
