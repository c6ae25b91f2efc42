import { coerceStatusCode, DataType, type StatusCode, type UAVariable } from "node-opcua";
import type { Device } from "#fleet/device.ts";
import type { LiveValues } from "#fleet/live-values.ts";
import type { SampleSink } from "#fleet/ports.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import type { QualityCode } from "#model/quality.ts";
import { type SampleBatch, SampleFlag } from "#model/sample-batch.ts";
import type { DeviceNodes } from "./device-node.ts";
import { updateLive } from "./engine/live-variable.ts";
import { uaTypeOf, uaValueOf } from "./ua-data-type.ts";

/** What a slot of the live values feeds. */
interface Feed {
  readonly spec: ParameterSpec;
  readonly dataType: DataType;
  readonly variable: UAVariable;
  readonly valueText: UAVariable | undefined;
  readonly nameplate: UAVariable | undefined;
}

/** Shows the live values in the OPC UA nodes: nodes are a view, never a source. */
export class Mirror implements SampleSink {
  readonly #feeds: (Feed | undefined)[] = [];
  readonly #statusCodes = new Map<QualityCode, StatusCode>();

  /** From now on the nodes follow the device; they show what is known already. */
  bind(device: Device, nodes: DeviceNodes, live: LiveValues): void {
    for (const spec of device.package.parameters) {
      const variable = nodes.variables[spec.index];
      if (variable === undefined) continue;
      const slot = device.firstSlot + spec.index;
      const feed: Feed = {
        spec,
        dataType: uaTypeOf(spec.dataType),
        variable,
        valueText: nodes.valueTexts.get(spec.index),
        nameplate: nodes.nameplate.get(spec.index),
      };
      this.#feeds[slot] = feed;
      const time = dateOf(live.times[slot]);
      const received = dateOf(live.receivedTimes[slot]);
      const value = uaValueOf(spec.dataType, live.values[slot] ?? Number.NaN, live.texts[slot]);
      this.#show(feed, value, this.#statusCodeOf(live.qualities[slot] ?? 0), time, received);
    }
  }

  /** The nodes of the device are gone. */
  unbind(device: Device): void {
    for (const spec of device.package.parameters) this.#feeds[device.firstSlot + spec.index] = undefined;
  }

  accept(device: Device, batch: SampleBatch): void {
    const serverTime = new Date(batch.receivedAt);
    let sourceTime = serverTime;
    for (let i = 0; i < batch.size; i += 1) {
      if (((batch.flags[i] ?? 0) & SampleFlag.historical) !== 0) continue;
      const feed = this.#feeds[device.firstSlot + (batch.parameters[i] ?? 0)];
      if (feed === undefined) continue;
      const time = batch.times[i] ?? 0;
      if (time !== sourceTime.getTime()) sourceTime = new Date(time);
      const value = uaValueOf(feed.spec.dataType, batch.values[i] ?? Number.NaN, batch.texts[i]);
      this.#show(feed, value, this.#statusCodeOf(batch.qualities[i] ?? 0), sourceTime, serverTime);
    }
  }

  // oxlint-disable-next-line max-params -- the parts of one value, kept out of an object on the path of every value
  #show(feed: Feed, value: unknown, status: StatusCode, sourceTime: Date | null, serverTime: Date | null): void {
    const { dataType } = feed;
    updateLive(feed.variable, { dataType, value, status, sourceTime, serverTime });
    if (feed.valueText !== undefined) {
      const text = { text: feed.spec.enumeration.find((entry) => entry.value === value)?.name ?? "" };
      updateLive(feed.valueText, { dataType: DataType.LocalizedText, value: text, status, sourceTime, serverTime });
    }
    if (feed.nameplate !== undefined && typeof value === "string") {
      feed.nameplate.setValueFromSource({ dataType: DataType.String, value });
    }
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

function dateOf(time: number | undefined): Date | null {
  return time === undefined || Number.isNaN(time) ? null : new Date(time);
}
