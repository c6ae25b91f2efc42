import { coerceStatusCode, DataType, LocalizedText, type StatusCode, type UAVariable } from "node-opcua";
import type { Device } from "#fleet/device.ts";
import type { LiveValues } from "#fleet/live-values.ts";
import type { SampleSink } from "#fleet/ports.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import type { QualityCode } from "#model/quality.ts";
import { type SampleBatch, SampleFlag } from "#model/sample-batch.ts";
import { type DeviceNodes, variableAt } from "./device-node.ts";
import { updateLive } from "./engine/live-variable.ts";
import { uaTypeOf, uaValueOf } from "./ua-data-type.ts";

/** What a parameter of a type feeds on every device: worked out once per type. */
interface ParameterFeed {
  readonly spec: ParameterSpec;
  readonly dataType: DataType;
  /** Place of the parameter's variable in the plan. */
  readonly place: number;
  readonly valueText: number | undefined;
  /** Texts of an enumeration by value. */
  readonly texts: ReadonlyMap<number, LocalizedText>;
  /** Nameplate property that keeps the last good value. */
  readonly nameplate: number | undefined;
}

interface Bound {
  readonly nodes: DeviceNodes;
  readonly feeds: readonly ParameterFeed[];
}

const noText = new LocalizedText({ text: "" });

/** Shows the live values in the OPC UA nodes: nodes are a view, never a source. */
export class Mirror implements SampleSink {
  readonly #bound = new Map<Device, Bound>();
  readonly #feeds = new WeakMap<DevicePackage, readonly ParameterFeed[]>();
  readonly #statusCodes = new Map<QualityCode, StatusCode>();

  /** From now on the nodes follow the device; they show what is known already. */
  bind(device: Device, nodes: DeviceNodes, live: LiveValues): void {
    const feeds = this.#feedsOf(device.package, nodes);
    const bound = { nodes, feeds };
    this.#bound.set(device, bound);
    for (const feed of feeds) {
      const slot = device.firstSlot + feed.spec.index;
      const time = live.times[slot] ?? Number.NaN;
      if (Number.isNaN(time)) continue;
      const value = uaValueOf(feed.spec.dataType, live.values[slot] ?? Number.NaN, live.texts[slot]);
      const status = this.#statusCodeOf(live.qualities[slot] ?? 0);
      const serverTime = new Date(live.receivedTimes[slot] ?? time);
      this.#show(nodes, feed, { value, status, sourceTime: new Date(time), serverTime });
    }
  }

  /** The nodes of the device are gone. */
  unbind(device: Device): void {
    this.#bound.delete(device);
  }

  accept(device: Device, batch: SampleBatch): void {
    const bound = this.#bound.get(device);
    if (bound === undefined) return;
    const serverTime = new Date(batch.receivedAt);
    let sourceTime = serverTime;
    for (let i = 0; i < batch.size; i += 1) {
      const feed = bound.feeds[batch.parameters[i] ?? -1];
      if (feed === undefined || ((batch.flags[i] ?? 0) & SampleFlag.historical) !== 0) continue;
      const time = batch.times[i] ?? 0;
      if (time !== sourceTime.getTime()) sourceTime = new Date(time);
      const value = uaValueOf(feed.spec.dataType, batch.values[i] ?? Number.NaN, batch.texts[i]);
      this.#show(bound.nodes, feed, {
        value,
        status: this.#statusCodeOf(batch.qualities[i] ?? 0),
        sourceTime,
        serverTime,
      });
    }
  }

  #show(nodes: DeviceNodes, feed: ParameterFeed, shown: Shown): void {
    update(variableAt(nodes, feed.place), feed.dataType, shown.value, shown);
    if (feed.valueText !== undefined) {
      const text = typeof shown.value === "number" ? (feed.texts.get(shown.value) ?? noText) : noText;
      update(variableAt(nodes, feed.valueText), DataType.LocalizedText, text, shown);
    }
    if (feed.nameplate !== undefined && shown.value !== undefined && shown.status.isGood()) {
      update(variableAt(nodes, feed.nameplate), feed.dataType, shown.value, shown);
    }
  }

  #feedsOf(pkg: DevicePackage, { plan }: DeviceNodes): readonly ParameterFeed[] {
    const known = this.#feeds.get(pkg);
    if (known !== undefined) return known;
    const feeds = pkg.parameters.map((spec) => ({
      spec,
      dataType: uaTypeOf(spec.dataType),
      place: plan.parameters[spec.index] ?? -1,
      valueText: plan.valueTexts.get(spec.index),
      texts: new Map(spec.enumeration.map(({ value, name }) => [value, new LocalizedText({ text: name })])),
      nameplate: plan.nameplate.get(spec.index),
    }));
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

interface Shown {
  readonly value: unknown;
  readonly status: StatusCode;
  readonly sourceTime: Date;
  readonly serverTime: Date;
}

function update(
  variable: UAVariable,
  dataType: DataType,
  value: unknown,
  { status, sourceTime, serverTime }: Shown,
): void {
  updateLive(variable, { dataType, value, status, sourceTime, serverTime });
}
