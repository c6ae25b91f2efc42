import {
  coerceStatusCode,
  DataType,
  type DataValue,
  LocalizedText,
  type StatusCode,
  StatusCodes,
  type UAVariable,
} from "node-opcua";
import type { Device } from "#fleet/device.ts";
import type { LiveValues } from "#fleet/live-values.ts";
import type { SampleSink } from "#fleet/ports.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import type { QualityCode } from "#model/quality.ts";
import { type SampleBatch, SampleFlag } from "#model/sample-batch.ts";
import { type DeviceNodes, variableAt } from "./device-node.ts";
import { fillShown, isWatched, type LiveUpdate, shownBy, tellWatchers, updateLive } from "./engine/live-variable.ts";
import { uaTypeOf, uaValueOf } from "./ua-data-type.ts";

/** What a parameter of a type feeds on every device: worked out once per type. */
interface ParameterFeed {
  readonly spec: ParameterSpec;
  readonly dataType: DataType;
  /** Place of the parameter's variable in the plan. */
  readonly place: number;
  /** True when one of the following is there. */
  readonly hasFurther: boolean;
  readonly valueText: number | undefined;
  /** Texts of an enumeration by value. */
  readonly texts: ReadonlyMap<number, LocalizedText>;
  /** Nameplate property that keeps the last good value. */
  readonly nameplate: number | undefined;
}

interface Bound {
  readonly nodes: DeviceNodes;
  readonly feeds: readonly ParameterFeed[];
  /** The variable of each parameter, in index order. */
  readonly variables: readonly UAVariable[];
  /** What these show: written without touching the variables, each of which would be another miss of the cache. */
  readonly shown: readonly DataValue[];
  /** 1 for a variable that is, or was, watched. */
  readonly watched: Uint8Array;
}

/** What is shown next; reused, because an object for each value would be most of the garbage of the host. */
interface NextUpdate extends LiveUpdate {
  dataType: DataType;
  value: unknown;
  status: StatusCode;
  sourceTime: Date;
  serverTime: Date;
}

const noText = new LocalizedText({ text: "" });

/** Shows the live values in the OPC UA nodes: nodes are a view, never a source. */
export class Mirror implements SampleSink {
  readonly #bound = new Map<Device, Bound>();
  readonly #byId = new Map<string, Bound>();
  readonly #feeds = new WeakMap<DevicePackage, readonly ParameterFeed[]>();
  readonly #statusCodes = new Map<QualityCode, StatusCode>();
  readonly #next: NextUpdate = {
    dataType: DataType.Null,
    value: undefined,
    status: StatusCodes.Good,
    sourceTime: new Date(0),
    serverTime: new Date(0),
  };

  /** From now on the nodes follow the device; they show what is known already. */
  bind(device: Device, nodes: DeviceNodes, live: LiveValues): void {
    const feeds = this.#feedsOf(device.package, nodes);
    const variables = feeds.map(({ place }) => variableAt(nodes, place));
    const watched = Uint8Array.from(variables, (variable) => Number(isWatched(variable)));
    const bound = { nodes, feeds, variables, shown: variables.map(shownBy), watched };
    this.#bound.set(device, bound);
    this.#byId.set(device.id, bound);
    const next = this.#next;
    for (const feed of feeds) {
      const slot = device.firstSlot + feed.spec.index;
      const time = live.times[slot] ?? Number.NaN;
      if (Number.isNaN(time)) continue;
      next.value = uaValueOf(feed.spec.dataType, live.values[slot] ?? Number.NaN, live.texts[slot]);
      next.status = this.#statusCodeOf(live.qualities[slot] ?? 0);
      next.sourceTime = new Date(time);
      next.serverTime = new Date(live.receivedTimes[slot] ?? time);
      this.#show(bound, feed);
    }
  }

  /** The nodes of the device are gone. */
  unbind(device: Device): void {
    this.#bound.delete(device);
    this.#byId.delete(device.id);
  }

  /** Somebody watches a variable from now on. */
  watch(variable: UAVariable): void {
    const path = String(variable.nodeId.value);
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const bound = this.#byId.get(path.slice(0, end));
      const place = bound?.variables.indexOf(variable) ?? -1;
      if (bound === undefined || place < 0) continue;
      bound.watched[place] = 1;
      return;
    }
  }

  accept(device: Device, batch: SampleBatch): void {
    const bound = this.#bound.get(device);
    if (bound === undefined) return;
    const next = this.#next;
    next.serverTime = new Date(batch.receivedAt);
    next.sourceTime = next.serverTime;
    let lastTime = batch.receivedAt;
    let lastQuality: QualityCode = -1;
    for (let i = 0; i < batch.size; i += 1) {
      const feed = bound.feeds[batch.parameters[i] ?? -1];
      if (feed === undefined || ((batch.flags[i] ?? 0) & SampleFlag.historical) !== 0) continue;
      const time = batch.times[i] ?? 0;
      if (time !== lastTime) next.sourceTime = new Date(time);
      lastTime = time;
      const quality = batch.qualities[i] ?? 0;
      if (quality !== lastQuality) next.status = this.#statusCodeOf(quality);
      lastQuality = quality;
      next.value = uaValueOf(feed.spec.dataType, batch.values[i] ?? Number.NaN, batch.texts[i]);
      this.#show(bound, feed);
    }
  }

  /** Shows `#next` wherever the parameter is shown. */
  #show({ nodes, variables, shown, watched }: Bound, feed: ParameterFeed): void {
    const next = this.#next;
    const { index } = feed.spec;
    const dataValue = shown[index];
    const variable = watched[index] === 1 ? variables[index] : undefined;
    if (dataValue === undefined) return;
    next.dataType = feed.dataType;
    fillShown(dataValue, next);
    if (variable !== undefined) tellWatchers(variable, next);
    if (!feed.hasFurther) return;
    const { value } = next;
    if (feed.nameplate !== undefined && value !== undefined && next.status.isGood()) {
      updateLive(variableAt(nodes, feed.nameplate), next);
    }
    if (feed.valueText === undefined) return;
    next.dataType = DataType.LocalizedText;
    next.value = typeof value === "number" ? (feed.texts.get(value) ?? noText) : noText;
    updateLive(variableAt(nodes, feed.valueText), next);
  }

  #feedsOf(pkg: DevicePackage, { plan }: DeviceNodes): readonly ParameterFeed[] {
    const known = this.#feeds.get(pkg);
    if (known !== undefined) return known;
    const feeds = pkg.parameters.map((spec): ParameterFeed => {
      const valueText = plan.valueTexts.get(spec.index);
      const nameplate = plan.nameplate.get(spec.index);
      return {
        spec,
        dataType: uaTypeOf(spec.dataType),
        place: plan.parameters[spec.index] ?? -1,
        hasFurther: valueText !== undefined || nameplate !== undefined,
        valueText,
        texts: new Map(spec.enumeration.map(({ value, name }) => [value, new LocalizedText({ text: name })])),
        nameplate,
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
