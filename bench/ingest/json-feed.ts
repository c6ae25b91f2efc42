import { readJson } from "#lib/read-json.ts";
import { valuePathOf } from "#transport/mqtt-json/binding-tree.ts";
import { deviceName, type Feed, type FeedShape, valueOf } from "./feed.ts";

interface Tree {
  [key: string]: number | boolean | Tree;
}

/** Breakers that publish JSON telemetry, each with a topic of its own. */
export function jsonFeed({ package: pkg, parameters, devices }: FeedShape): Feed {
  const paths = parameters.map(({ bindings }) => valuePathOf(bindings.json?.address ?? "").split("."));
  const names = Array.from({ length: devices }, (_, device) => deviceName(device));
  const telemetry = (device: number, count: number, values: number, at: number): Buffer => {
    const measurements: Tree = {};
    for (const [i, spec] of parameters.slice(0, values).entries()) {
      const value = valueOf(spec, count);
      put(measurements, paths[i] ?? [], spec.dataType === "boolean" ? value !== 0 : value);
    }
    const [device_type = ""] = pkg.detection.declaredTypes;
    const timestamp = new Date(at).toISOString();
    const message = { device_id: names[device], device_type, timestamp, event_type: "telemetry", measurements };
    return Buffer.from(JSON.stringify(message));
  };
  const topics = names.map((name) => `iot/${name}/raw`);
  const message: Feed["message"] = (device, count, values, at) => {
    return { topic: topics[device] ?? "", payload: telemetry(device, count, values, at), qos: 1 };
  };
  return {
    introductions: (at) => names.map((_, device) => message(device, 0, parameters.length, at)),
    message,
    filters: ["iot/+/raw"],
    decode: (_topic, payload) => {
      readJson(payload);
    },
  };
}

function put(tree: Tree, [key = "", ...rest]: readonly string[], value: number | boolean): void {
  if (rest.length === 0) {
    tree[key] = value;
    return;
  }
  const inner = tree[key];
  const branch: Tree = typeof inner === "object" ? inner : {};
  tree[key] = branch;
  put(branch, rest, value);
}
