import type { ParameterSpec } from "#model/parameter-spec.ts";
import type { Protocol } from "#model/protocol.ts";
import type { SampleBatch } from "#model/sample-batch.ts";
import type { Device } from "./device.ts";

/** Which devices may be reached over two protocols, and which of them owns their points. */
export interface OwnershipPolicy {
  /** The owning protocol of the device of that name; undefined: whichever it speaks first. */
  ownerOf(name: string): Protocol | undefined;
  /** True when the device of that name may be linked over a second protocol. */
  mayLink(name: string): boolean;
}

/** Every name belongs to one protocol: a second one that claims it is a stranger. */
export const oneProtocolEach: OwnershipPolicy = { ownerOf: () => undefined, mayLink: () => false };

/**
 * True when a point of the device is filled from this way: the owner fills all that its protocol binds, a second way only
 * what the owner's protocol cannot carry.
 */
export function fillsPoint(way: Device, spec: ParameterSpec): boolean {
  if (way.owner === undefined) return true;
  return spec.bindings[way.owner.protocol] === undefined && spec.bindings[way.protocol] !== undefined;
}

/** Removes from a batch what another way owns; returns the number of samples that are left. */
export function keepOwned(way: Device, batch: SampleBatch): number {
  let kept = 0;
  for (let i = 0; i < batch.size; i += 1) {
    const spec = way.package.parameters[batch.parameters[i] ?? -1];
    if (spec === undefined || !fillsPoint(way, spec)) continue;
    if (kept !== i) batch.move(i, kept);
    kept += 1;
  }
  batch.size = kept;
  return kept;
}
