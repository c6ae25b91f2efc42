import { coerceStatusCode, LocalizedText, type StatusCode } from "node-opcua";
import type { Device } from "#fleet/device.ts";
import type { LiveValues } from "#fleet/live-values.ts";
import type { SampleSink } from "#fleet/ports.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { QualityCode } from "#model/quality.ts";
import { type SampleBatch, SampleFlag } from "#model/sample-batch.ts";
import { DeviceFeed, type ParameterFeed } from "./device-feed.ts";
import type { DeviceNodes } from "./device-node.ts";
import { uaTypeOf } from "./ua-data-type.ts";

/** Shows the live values in the OPC UA nodes: nodes are a view, never a source. */
export class Mirror implements SampleSink {
  readonly #bound = new Map<Device, DeviceFeed>();
  readonly #feeds = new WeakMap<DevicePackage, readonly ParameterFeed[]>();
  readonly #statusCodes = new Map<QualityCode, StatusCode>();

  /** From now on the nodes show what is known of the device. */
  bind(device: Device, nodes: DeviceNodes, live: LiveValues): void {
    const feeds = this.#feedsOf(device.package, nodes);
    const statusCodeOf = (quality: QualityCode): StatusCode => this.#statusCodeOf(quality);
    this.#bound.set(device, new DeviceFeed({ device, nodes, live, feeds, statusCodeOf }));
  }

  /** The nodes of the device are gone. */
  unbind(device: Device): void {
    this.#bound.delete(device);
  }

  accept(device: Device, batch: SampleBatch): void {
    const feed = this.#bound.get(device);
    if (feed === undefined) return;
    for (let i = 0; i < batch.size; i += 1) {
      if (((batch.flags[i] ?? 0) & SampleFlag.historical) === 0) feed.changed(batch, i);
    }
  }

  #feedsOf(pkg: DevicePackage, { plan }: DeviceNodes): readonly ParameterFeed[] {
    const known = this.#feeds.get(pkg);
    if (known !== undefined) return known;
    const feeds = pkg.parameters.map((spec): ParameterFeed => {
      return {
        spec,
        dataType: uaTypeOf(spec.dataType),
        place: plan.parameters[spec.index] ?? -1,
        valueText: plan.valueTexts.get(spec.index),
        texts: new Map(spec.enumeration.map(({ value, name }) => [value, new LocalizedText({ text: name })])),
        nameplate: plan.nameplate.get(spec.index),
      };
    });
    this.#feeds.set(pkg, feeds);
    return feeds;
  }

  #statusCodeOf(quality: QualityCode): StatusCode {
    let code = this.#statusCodes.get(quality);
    if (code === undefined) {
      code = coerceStatusCode(quality);
      this.#statusCodes.set(quality, code);
    }
    return code;
  }
}
