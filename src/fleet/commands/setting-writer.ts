import type { Device } from "#fleet/device.ts";
import { knownValueOf } from "#fleet/known-values.ts";
import type { LiveValues } from "#fleet/live-values.ts";
import { AddCause } from "#model/add-cause.ts";
import type { ParameterValue } from "#model/data-type.ts";
import { HostError } from "#model/errors.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import type { Passage } from "./control-path.ts";
import type { FlightPlan, Landing } from "./flight.ts";
import { proofText, type StateProof, sameValue } from "./state-proof.ts";

export interface NewSetting {
  readonly device: Device;
  readonly spec: ParameterSpec;
  readonly value: ParameterValue;
}

/** Sends one new setting to a device and waits until the device reports it back. */
export class SettingWriter {
  readonly #live: LiveValues;
  readonly #timeoutMs: number;

  /** `timeoutMs`: time for the device to report the new value. */
  constructor(live: LiveValues, timeoutMs: number) {
    this.#live = live;
    this.#timeoutMs = timeoutMs;
  }

  /** True when the device reports the value already and nothing under way can change it. */
  isSet(passage: Passage, { device, spec, value }: NewSetting): boolean {
    const known = knownValueOf(device, spec, this.#live);
    return known !== undefined && passage.hold.isCertain(spec) && sameValue(spec, known, value);
  }

  write(passage: Passage, setting: NewSetting): Promise<Landing> {
    const { device, spec, value } = setting;
    const { transport, commandId, hold } = passage;
    // What cannot be read back has only the device's own answer.
    const proof: StateProof | undefined =
      spec.access === "write" ? undefined : { spec, equals: value, standing: "nothing" };
    if (proof !== undefined && this.isSet(passage, setting)) return Promise.resolve(wasSet(device, proof));
    const correlationId = hold.nextCorrelationId(commandId);
    const plan: FlightPlan = {
      device: device.id,
      commandId,
      correlationId,
      action: spec.name,
      timeoutMs: this.#timeoutMs,
      proof: proof === undefined ? undefined : { ...proof, standing: "unless-refused" },
      sendAgain: false,
      send: (signal) => {
        const outgoing = { correlationId, parameter: spec, value };
        if (transport.write !== undefined) return transport.write(device, outgoing, signal);
        const reason = `${device.id}: parameters cannot be written over ${transport.protocol}`;
        return Promise.reject(new HostError("command-not-sent", reason));
      },
    };
    return hold.fly(plan, false);
  }
}

function wasSet(device: Device, proof: StateProof): Landing {
  return {
    result: "confirmed",
    code: undefined,
    addCause: AddCause.unknown,
    evidence: `${device.id} had reported ${proofText(proof)} already: nothing was sent`,
  };
}
