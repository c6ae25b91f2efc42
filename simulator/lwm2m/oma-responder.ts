import { AddCause, type ControlResult } from "#simulator/breaker/add-cause.ts";
import type { SimulatedDevice } from "#simulator/fleet/simulated-device.ts";
import { type ContentFormat, contentFormats, encodeReadings, type Reading } from "./content.ts";
import { decodeWrite, type WriteItem } from "./content-decode.ts";
import { linkFormat, type OmaMessage, operation, result } from "./oma-message.ts";
import { discoverLinks, parsePath, readAt, resourceAt } from "./oma-model.ts";

/** The answer to a request of the server. */
export interface Answer {
  readonly code: number;
  readonly payload?: Buffer;
  readonly format?: number;
}

/** Answers the device management requests of a server out of the device's objects. */
export class OmaResponder {
  readonly #device: SimulatedDevice;
  readonly #format: ContentFormat;

  /** `format` is the one that the device prefers for a single object instance. */
  constructor(device: SimulatedDevice, format: ContentFormat) {
    this.#device = device;
    this.#format = format;
  }

  answer(message: OmaMessage): Answer {
    switch (message.operation) {
      case operation.read:
      case operation.readComposite:
        return this.read(pathsOf(message));
      case operation.discover:
        return discover(message.uri ?? "");
      case operation.writeReplace:
      case operation.writePartial:
      case operation.writeComposite:
        return this.#write(message);
      case operation.writeAttributes:
        return { code: result.changed };
      case operation.execute:
        return this.#execute(message);
      default:
        return { code: result.notAllowed };
    }
  }

  /** The values at or below some paths. */
  read(paths: readonly string[]): Answer {
    const readings = this.#readings(paths);
    if (readings === undefined) return { code: result.notFound };
    if (readings.length === 0) return { code: result.notAllowed };
    const format = isOneInstance(readings) ? this.#format : contentFormats.senmlCbor;
    return { code: result.content, payload: encodeReadings(readings, baseOf(readings), format), format };
  }

  #readings(paths: readonly string[]): Reading[] | undefined {
    const all: Reading[] = [];
    for (const text of paths) {
      const path = parsePath(text);
      const readings = path === undefined ? undefined : readAt(this.#device, path);
      if (readings === undefined) return undefined;
      all.push(...readings);
    }
    return all;
  }

  #write({ uri = "", format, payload = Buffer.alloc(0) }: OmaMessage): Answer {
    const items = decodeWrite(uri, format, payload);
    if (items === undefined) return { code: result.unsupportedFormat };
    const results: ControlResult[] = [];
    for (const item of items) {
      const written = this.#writeItem(item);
      if ("code" in written) return written;
      results.push(written);
    }
    return { code: codeOf(this.#device.answer(results, undefined)) };
  }

  #writeItem({ path, value }: WriteItem): Answer | ControlResult {
    const parsed = parsePath(path);
    const resource = parsed === undefined ? undefined : resourceAt(parsed);
    if (resource === undefined) return { code: result.notFound };
    if (resource.setting === undefined) return { code: result.notAllowed };
    const number = Number(value);
    return Number.isFinite(number) ? this.#device.write(resource.setting, number) : { code: result.badRequest };
  }

  #execute({ uri = "", payload }: OmaMessage): Answer {
    const path = parsePath(uri);
    const resource = path === undefined ? undefined : resourceAt(path);
    if (resource === undefined) return { code: result.notFound };
    if (resource.execute === undefined) return { code: result.notAllowed };
    const command = resource.execute(firstArgument(payload));
    return { code: codeOf(this.#device.answer([this.#device.command(command)], undefined)) };
  }
}

export function pathsOf({ uri, paths }: OmaMessage): readonly string[] {
  return uri === undefined ? paths : [uri];
}

/** Argument 0 of an Execute (`0='Full'`, LwM2M Core 7.3); a bare text is taken as it is. */
function firstArgument(payload: Uint8Array | undefined): string {
  const text = Buffer.from(payload ?? []).toString("utf8");
  return /(?:^|,)0='([^']*)'/.exec(text)?.[1] ?? text;
}

function discover(uri: string): Answer {
  const path = parsePath(uri);
  const links = path === undefined ? undefined : discoverLinks(path);
  if (links === undefined) return { code: result.notFound };
  return { code: result.content, payload: Buffer.from(links), format: linkFormat };
}

/** TLV without object and instance ids and SenML with one base name need readings of a single instance. */
function isOneInstance(readings: readonly Reading[]): boolean {
  return new Set(readings.map(({ path }) => path.split("/")[1])).size === 1;
}

/** Base name of the records: the instance when all share it, the root otherwise. */
function baseOf(readings: readonly Reading[]): string {
  return isOneInstance(readings) ? (readings[0]?.path.split("/").slice(0, 3).join("/") ?? "") : "";
}

function codeOf({ addCause }: ControlResult): number {
  switch (addCause) {
    case AddCause.accepted:
      return result.changed;
    case AddCause.notSupported:
      return result.notAllowed;
    case AddCause.inconsistentParameters:
      return result.badRequest;
    case AddCause.blockedByMode:
      return result.forbidden;
    default:
      return result.conflict;
  }
}
