import { HostError } from "#model/errors.ts";
import type { Path } from "./path.ts";
import type { ResourceType } from "./resource-node.ts";

/** R, W, RW, E as in the object definitions; "" for a resource that only the bootstrap server may touch. */
export type Operations = "R" | "W" | "RW" | "E" | "";

export interface ResourceModel {
  readonly id: number;
  readonly name: string;
  readonly type: ResourceType | undefined;
  readonly operations: Operations;
  readonly isMultiple: boolean;
}

/** What an object consists of, by resource id. */
export interface ObjectModel {
  readonly id: number;
  readonly name: string;
  readonly resources: ReadonlyMap<number, ResourceModel>;
}

/** One line per resource: `3 FirmwareVersion R string`, multiple ones with `*` behind the id, actions without a type. */
export function defineObject(id: number, name: string, table: string): ObjectModel {
  const resources = table
    .trim()
    .split("\n")
    .map((line) => resourceOf(line.trim()));
  return { id, name, resources: new Map(resources.map((resource) => [resource.id, resource])) };
}

const linePattern =
  /^(\d+)(\*?) (\S+) (R|W|RW|E|-)(?: (string|integer|unsigned|float|boolean|opaque|time|objlnk|corelnk))?$/;

const operationsOf: Readonly<Record<string, Operations>> = { R: "R", W: "W", RW: "RW", E: "E" };

function resourceOf(line: string): ResourceModel {
  const match = linePattern.exec(line);
  if (match === null) throw new HostError("argument-invalid", `${line} is no line of an object model`);
  const [, id, star, name = "", operations = "", type] = match;
  return {
    id: Number(id),
    name,
    type: typeNamed(type),
    operations: operationsOf[operations] ?? "",
    isMultiple: star === "*",
  };
}

function typeNamed(word: string | undefined): ResourceType | undefined {
  switch (word) {
    case "string":
    case "integer":
    case "unsigned":
    case "float":
    case "boolean":
    case "opaque":
    case "time":
    case "objlnk":
    case "corelnk":
      return word;
    default:
      return undefined;
  }
}

/** The object models that are known; unknown objects are no error, their bytes just have no type. */
export class ObjectModels {
  readonly #byId: Map<number, ObjectModel>;

  constructor(models: Iterable<ObjectModel>) {
    this.#byId = new Map([...models].map((model) => [model.id, model]));
  }

  object(id: number): ObjectModel | undefined {
    return this.#byId.get(id);
  }

  resource({ object, resource }: Path): ResourceModel | undefined {
    if (object === undefined || resource === undefined) return undefined;
    return this.#byId.get(object)?.resources.get(resource);
  }

  readonly typeOf = (path: Path): ResourceType | undefined => this.resource(path)?.type;
}
