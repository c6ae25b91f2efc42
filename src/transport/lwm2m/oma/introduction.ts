import { type Path, pathText } from "#transport/lwm2m/core/path.ts";
import type { Registration } from "#transport/lwm2m/core/registrations.ts";
import { breakerObjectId } from "#transport/lwm2m/core/standard-objects.ts";
import { connectionObjects } from "#transport/lwm2m/offered-points.ts";
import { Operation } from "./message.ts";

/** One question that a client is asked after it registered. */
export interface Question {
  readonly operation: typeof Operation.read | typeof Operation.observe;
  readonly path: Path;
  /** The path with the client's alternate root. */
  readonly uri: string;
}

const deviceObject = 3;
const meterObject = 10_242;
const maxQuestions = 64;

/** The device object is read first, for its type; every other object instance is observed, which also brings its values. */
export function questionsFor({ links: { links, rootPath } }: Registration): Question[] {
  const objects = new Set(links.map(({ path }) => path.object));
  const paths = links
    .filter(({ path: { object = -1, instance } }) => {
      if (connectionObjects.has(object) || object === deviceObject) return false;
      // An object without instances has nothing to say, and the meter only repeats what our own object says better.
      return instance !== undefined && !(object === meterObject && objects.has(breakerObjectId));
    })
    .map(({ path: { object, instance } }): Path => ({ object, instance }));
  const observations = paths.map(
    (path): Question => ({ operation: Operation.observe, path, uri: uriOf(rootPath, path) }),
  );
  if (!objects.has(deviceObject)) return observations.slice(0, maxQuestions);
  const device: Path = { object: deviceObject, instance: 0 };
  return [{ operation: Operation.read, path: device, uri: uriOf(rootPath, device) }, ...observations].slice(
    0,
    maxQuestions,
  );
}

function uriOf(rootPath: string, path: Path): string {
  return `${rootPath}${pathText(path)}`;
}
