import { readJson } from "#lib/read-json.ts";
import { legacyPath } from "#transport/lwm2m/device-points.ts";
import { deviceName, type Feed, type FeedShape, sequenceParameter, valueOf } from "./feed.ts";

type Objects = Record<string, Record<string, Record<string, number | boolean | string>>>;

/** Values that change from one update to the next; all others are repeated. */
const changingValues = 6;

/** Breakers of the JSON dialect of LwM2M: every update repeats everything. */
export function lwm2mFeed({ package: pkg, parameters, devices }: FeedShape): Feed {
  const paths = parameters.map(({ bindings }) => legacyPath(bindings.lwm2m?.address ?? "").split("/"));
  const names = Array.from({ length: devices }, (_, device) => deviceName(device));
  const objectsOf = (count: number, values: number): Objects => {
    const objects: Objects = {};
    for (const [i, spec] of parameters.slice(0, values).entries()) {
      const value = valueOf(spec, i <= changingValues || spec.name === sequenceParameter ? count : 0);
      const [, object = "", instance = "", resource = ""] = paths[i] ?? [];
      const instances = (objects[object] ??= {});
      (instances[instance] ??= {})[resource] = spec.dataType === "boolean" ? value !== 0 : value;
    }
    return objects;
  };
  const payload = (device: number, objects: Objects, at: number): Buffer => {
    const registration = { endpoint: names[device], lifetime: 3_600, version: "1.2", bindingMode: "UQ" };
    return Buffer.from(JSON.stringify({ ...registration, objects, timestamp: at }));
  };
  const topics = names.map((name) => `lwm2m/${name}/update`);
  return {
    introductions: (at) =>
      names.map((name, device) => {
        const [type = ""] = pkg.detection.declaredTypes;
        const objects: Objects = { ...objectsOf(0, parameters.length), "3": { "0": { "17": type } } };
        return { topic: `lwm2m/${name}/reg`, payload: payload(device, objects, at), qos: 1 };
      }),
    message: (device, count, values, at) => ({
      topic: topics[device] ?? "",
      payload: payload(device, objectsOf(count, values), at),
      qos: 1,
    }),
    filters: ["lwm2m/+/update"],
    decode: (_topic, bytes) => {
      readJson(bytes);
    },
  };
}
