import type { SimulatedDevice } from "#simulator/fleet/simulated-device.ts";
import type { Reading } from "./content.ts";
import { omaObjects } from "./objects.ts";
import type { LwM2mObject, Resource } from "./resource.ts";

/** `/object/instance/resource` as far as it is given; undefined where the text is no path. */
export interface ModelPath {
  readonly objectId: number;
  readonly instanceId: number | undefined;
  readonly resourceId: number | undefined;
}

export function parsePath(text: string): ModelPath | undefined {
  const match = /^\/(\d{1,5})(?:\/(\d{1,5})(?:\/(\d{1,5}))?)?$/.exec(text);
  if (match === null) return undefined;
  const part = (index: number): number | undefined => (match[index] === undefined ? undefined : Number(match[index]));
  return { objectId: Number(match[1]), instanceId: part(2), resourceId: part(3) };
}

/** The object of a path if it exists; every object has the one instance 0. */
function objectAt({ objectId, instanceId }: ModelPath): LwM2mObject | undefined {
  return instanceId === undefined || instanceId === 0 ? omaObjects.find(({ id }) => id === objectId) : undefined;
}

export function resourceAt(path: ModelPath): Resource | undefined {
  return objectAt(path)?.resources.find(({ id }) => id === path.resourceId);
}

/** Every readable resource at or below a path; undefined when the path does not exist. */
export function readAt(device: SimulatedDevice, path: ModelPath): Reading[] | undefined {
  const object = objectAt(path);
  if (object === undefined) return undefined;
  const wanted =
    path.resourceId === undefined ? object.resources : object.resources.filter(({ id }) => id === path.resourceId);
  if (wanted.length === 0) return undefined;
  return wanted.flatMap((resource) =>
    resource.read === undefined
      ? []
      : [{ path: `/${object.id}/0/${resource.id}`, resource, value: resource.read(device) }],
  );
}

/** The registration's links, e.g. `</3/0>,</42769/0>`. */
export function registrationLinks(): string {
  return omaObjects.map(({ id }) => `</${id}/0>`).join(",");
}

/** The answer to Discover: the object's or instance's resources as links. */
export function discoverLinks(path: ModelPath): string | undefined {
  const object = objectAt(path);
  if (object === undefined) return undefined;
  return [`</${object.id}/0>`, ...object.resources.map(({ id }) => `</${object.id}/0/${id}>`)].join(",");
}
