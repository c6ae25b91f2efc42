import { DataType, type DataValue, LocalizedText, type StatusCode, StatusCodes, type UAVariable } from "node-opcua";
import type { Device } from "#fleet/device.ts";
import type { LiveValues } from "#fleet/live-values.ts";
import type { EpochMs } from "#model/ids.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import type { QualityCode } from "#model/quality.ts";
import type { SampleBatch } from "#model/sample-batch.ts";
import { type DeviceNodes, variableAt } from "./device-node.ts";
import {
  type Feeder,
  feedLive,
  fillShown,
  isWatched,
  type LiveUpdate,
  tellWatchers,
  updateLive,
} from "./engine/live-variable.ts";
import { uaValueOf } from "./ua-data-type.ts";

/** What a parameter of a type feeds on every device: worked out once per type. */
export interface ParameterFeed {
  readonly spec: ParameterSpec;
  readonly dataType: DataType;
  /** Place of the parameter's variable in the plan. */
  readonly place: number;
  /** Place of the ValueAsText of an enumeration. */
  readonly valueText: number | undefined;
  /** Texts of an enumeration by value. */
  readonly texts: ReadonlyMap<number, LocalizedText>;
  /** Nameplate property that keeps the last good value. */
  readonly nameplate: number | undefined;
}

/** What is shown next; reused, because an object for each value would be most of the garbage of the host. */
interface NextUpdate extends LiveUpdate {
  dataType: DataType;
  value: unknown;
  status: StatusCode;
  sourceTime: Date;
  serverTime: Date;
}

/** Who wants a parameter's values at once; the others read them when they look. */
const wish = { value: 1, text: 2, nameplate: 4 } as const;

const noText = new LocalizedText({ text: "" });

function newUpdate(): NextUpdate {
  const never = new Date(0);
  return {
    dataType: DataType.Null,
    value: undefined,
    status: StatusCodes.Good,
    sourceTime: never,
    serverTime: never,
  };
}

/** What is told, and what is looked at: whoever is told may look at something else. */
const told = newUpdate();
const seen = newUpdate();

/** One device with its nodes, its values and how its type shows them. */
export interface FedDevice {
  readonly device: Device;
  readonly nodes: DeviceNodes;
  readonly live: LiveValues;
  /** By parameter. */
  readonly feeds: readonly ParameterFeed[];
  readonly statusCodeOf: (quality: QualityCode) => StatusCode;
}

/**
 * Feeds the variables of one device from the live values: when somebody looks, or at once where somebody watches. To write
 * each value of each message into its node costs a fifth of a message's time, and nearly none of them is looked at.
 */
export class DeviceFeed implements Feeder {
  readonly #of: FedDevice;
  /** Bits of `wish` by parameter. */
  readonly #wishes: Uint8Array;

  constructor(of: FedDevice) {
    const { nodes, feeds } = of;
    this.#of = of;
    this.#wishes = new Uint8Array(feeds.length);
    for (const [index, { place, valueText, nameplate }] of feeds.entries()) {
      this.#take(variableAt(nodes, place), index);
      if (valueText !== undefined) this.#take(variableAt(nodes, valueText), index + feeds.length);
      if (nameplate !== undefined) this.#wish(index, wish.nameplate);
      if (this.#wishes[index] !== 0 && this.#loadKnown(index, told)) this.#tell(index);
    }
  }

  /** The live values have taken sample `i` of the batch. */
  changed(batch: SampleBatch, i: number): void {
    const index = batch.parameters[i] ?? -1;
    if ((this.#wishes[index] ?? 0) === 0) return;
    const time = batch.times[i] ?? Number.NaN;
    setTimes(told, time, batch.receivedAt);
    this.#setValue(told, index, batch.values[i] ?? Number.NaN, batch.texts[i]);
    told.status = this.#of.statusCodeOf(batch.qualities[i] ?? 0);
    this.#tell(index);
  }

  show(into: DataValue, place: number): boolean {
    const count = this.#of.feeds.length;
    const index = place >= count ? place - count : place;
    if (!this.#loadKnown(index, seen)) return false;
    if (place >= count) this.#turnIntoText(seen, index);
    fillShown(into, seen);
    return true;
  }

  watch(place: number): void {
    const count = this.#of.feeds.length;
    this.#wish(place % count, place >= count ? wish.text : wish.value);
  }

  #take(variable: UAVariable, place: number): void {
    feedLive(variable, this, place);
    if (isWatched(variable)) this.watch(place);
  }

  #wish(index: number, bit: number): void {
    this.#wishes[index] = (this.#wishes[index] ?? 0) | bit;
  }

  /** Tells those who wait for a parameter of what is in `told`. */
  #tell(index: number): void {
    const { nodes, feeds } = this.#of;
    const wishes = this.#wishes[index] ?? 0;
    const feed = feeds[index];
    if (feed === undefined) return;
    if ((wishes & wish.value) !== 0) tellWatchers(variableAt(nodes, feed.place), told);
    if (feed.nameplate !== undefined && told.value !== undefined && told.status.isGood()) {
      updateLive(variableAt(nodes, feed.nameplate), told);
    }
    if ((wishes & wish.text) === 0 || feed.valueText === undefined) return;
    this.#turnIntoText(told, index);
    tellWatchers(variableAt(nodes, feed.valueText), told);
  }

  /** Takes what is known of a parameter; false while nothing is. */
  #loadKnown(index: number, into: NextUpdate): boolean {
    const { device, live, statusCodeOf } = this.#of;
    const slot = device.firstSlot + index;
    const time = live.times[slot] ?? Number.NaN;
    if (Number.isNaN(time)) return false;
    // A time that is not the device's is that of the host, which found the value stale then.
    const isStamped = time !== live.deviceTimes[slot];
    setTimes(into, time, isStamped ? time : (live.receivedTimes[slot] ?? time));
    this.#setValue(into, index, live.values[slot] ?? Number.NaN, live.texts[slot]);
    into.status = statusCodeOf(live.qualities[slot] ?? 0);
    return true;
  }

  #setValue(into: NextUpdate, index: number, value: number, text: string | undefined): void {
    const feed = this.#of.feeds[index];
    if (feed === undefined) return;
    into.dataType = feed.dataType;
    into.value = uaValueOf(feed.spec.dataType, value, text);
  }

  #turnIntoText(into: NextUpdate, index: number): void {
    const { value } = into;
    into.dataType = DataType.LocalizedText;
    into.value = typeof value === "number" ? (this.#of.feeds[index]?.texts.get(value) ?? noText) : noText;
  }
}

/** Times of one message are mostly the same, and so are their objects. */
function setTimes(into: NextUpdate, sourceTime: EpochMs, serverTime: EpochMs): void {
  if (into.sourceTime.getTime() !== sourceTime) into.sourceTime = new Date(sourceTime);
  if (into.serverTime.getTime() !== serverTime) into.serverTime = new Date(serverTime);
}
