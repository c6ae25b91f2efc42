import { type ElementReader, warn } from "#fdi/xml/element-reader.ts";
import { opaqueOf } from "#fdi/xml/opaque.ts";
import type { OpaqueElement, ProtocolTable } from "#model/package-details.ts";
import { type PointDeclaration, readDeclaration } from "./legacy-point.ts";

export interface LegacyProtocols {
  /** Names as written, e.g. `LwM2M`. */
  readonly names: readonly string[];
  readonly points: readonly PointDeclaration[];
  readonly metrics: readonly SparkplugMetric[];
  /** Access that a variable or register table gives by name. */
  readonly access: ReadonlyMap<string, "read" | "read-write">;
  readonly tables: readonly ProtocolTable[];
}

export interface SparkplugMetric {
  readonly name: string;
  readonly type: string;
  readonly offset: number;
}

/** Ids of registered IPSO objects that the old breakers use for their own purposes. */
const borrowedObjects = new Set(["3200", "3201"]);

/** Reads the section CommunicationProtocols: LwM2M and Sparkplug B as bindings, the rest as tables of data. */
export function readProtocols(reader: ElementReader | undefined): LegacyProtocols {
  const found = { names: [] as string[], points: [] as PointDeclaration[], metrics: [] as SparkplugMetric[] };
  const access = new Map<string, "read" | "read-write">();
  const tables: ProtocolTable[] = [];
  for (const protocol of reader?.children("Protocol") ?? []) {
    const name = protocol.required("name");
    found.names.push(name);
    if (name === "LwM2M") found.points.push(...readLwm2m(protocol));
    else if (name === "SparkplugB") found.metrics.push(...readSparkplug(protocol));
    else {
      const table = readTable(protocol);
      tables.push(table);
      collectAccess(table.content, access);
      found.points.push(...declaredResources(protocol));
    }
    protocol.optional("version");
    protocol.optional("transport");
    protocol.finish();
  }
  reader?.finish();
  return { ...found, access, tables };
}

function readLwm2m(protocol: ElementReader): PointDeclaration[] {
  return objectsOf(protocol).flatMap((object) => {
    const objectId = object.required("ID");
    if (borrowedObjects.has(objectId)) {
      const why = "the registry gives this id to an IPSO object, so it is valid on the old LwM2M binding only";
      warn(object.context, object.element, "assumed", `LwM2M object ${objectId}: ${why}`);
    }
    const group = groupOfObject(objectId, object.optional("name") ?? "");
    const points = object.children("Instance").flatMap((instance) => {
      const instanceId = instance.required("ID");
      return resourcesOf(instance, (resourceId) => ({
        group,
        bindings: { lwm2m: `/${objectId}/${instanceId}/${resourceId}` },
      }));
    });
    object.finish();
    return points;
  });
}

/**
 * OPC UA tables of dialect C describe their resources as richly as LwM2M ones, so they declare parameters too. The table
 * keeps everything as data: nothing here is reported as unread.
 */
function declaredResources(protocol: ElementReader): PointDeclaration[] {
  return objectsOf(protocol)
    .flatMap((object) => object.children("Instance"))
    .flatMap((instance) => instance.children("Resource"))
    .map((resource) => readDeclaration(resource, { source: "resource", group: "Operational", bindings: {} }));
}

function objectsOf(protocol: ElementReader): ElementReader[] {
  const model = protocol.child("ObjectModel");
  const objects = model?.children("Object") ?? [];
  model?.finish();
  return objects;
}

function resourcesOf(
  instance: ElementReader,
  rest: (resourceId: string) => Pick<PointDeclaration, "group" | "bindings">,
): PointDeclaration[] {
  const points = instance.children("Resource").map((resource) => {
    const declaration = readDeclaration(resource, { source: "resource", ...rest(resource.required("ID")) });
    // `mandatory` speaks of the LwM2M object, not of the device: nothing here depends on it.
    resource.optional("mandatory");
    resource.finish();
    return declaration;
  });
  instance.optional("ID");
  instance.finish();
  return points;
}

function groupOfObject(objectId: string, name: string): string {
  if (objectId === "3") return "Identification";
  if (objectId === "4") return "Diagnostics/Connectivity";
  return objectId === "3201" || /protection/i.test(name) ? "Configuration/CircuitProtection" : "Operational";
}

function readSparkplug(protocol: ElementReader): SparkplugMetric[] {
  const metrics = protocol.children("Template").flatMap((template) => {
    template.optional("name");
    const found = template.children("Metric").map((metric): SparkplugMetric & { alias: string | undefined } => {
      const result = {
        name: metric.required("name"),
        type: metric.optional("datatype") ?? "String",
        alias: metric.optional("alias"),
        offset: metric.element.offset,
      };
      metric.finish();
      return result;
    });
    template.finish();
    return found;
  });
  const aliases = metrics.filter(({ alias }) => alias !== undefined).length;
  if (aliases > 0) {
    warn(protocol.context, protocol.element, "not-kept", `${aliases} Sparkplug aliases: each BIRTH assigns its own`);
  }
  return metrics;
}

function readTable(protocol: ElementReader): ProtocolTable {
  return {
    protocol: protocol.required("name"),
    version: protocol.optional("version") ?? "",
    transport: protocol.optional("transport") ?? "",
    content: protocol.keepChildren().map(opaqueOf),
  };
}

function collectAccess(content: readonly OpaqueElement[], access: Map<string, "read" | "read-write">): void {
  for (const { attributes, children } of content) {
    const name = attributes.get("name");
    const word = attributes.get("access");
    if (name !== undefined && word !== undefined && !access.has(name)) {
      access.set(name, word === "read_write" ? "read-write" : "read");
    }
    collectAccess(children, access);
  }
}
