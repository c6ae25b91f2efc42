import { type ElementReader, warn } from "#fdi/xml/element-reader.ts";
import { opaqueOf } from "#fdi/xml/opaque.ts";
import type { XmlElement } from "#fdi/xml/xml-document.ts";
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
    const isBound = name === "LwM2M" || name === "SparkplugB";
    const content = isBound ? namesOf(protocol.element) : protocol.keepChildren().map(opaqueOf);
    tables.push({
      protocol: name,
      version: protocol.optional("version") ?? "",
      transport: protocol.optional("transport") ?? "",
      content,
    });
    if (!isBound) {
      collectAccess(content, access);
      found.points.push(...declaredResources(protocol));
    }
    protocol.finish();
  }
  reader?.finish();
  return { ...found, access, tables };
}

/** Objects and templates of a bound protocol without what became bindings: their names have no other place. */
function namesOf(protocol: XmlElement): OpaqueElement[] {
  const groups = protocol.children.flatMap((child) => (child.name === "ObjectModel" ? child.children : [child]));
  return groups.map((group) => ({ ...opaqueOf(group), text: "", children: [] }));
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
    resource.optional("mandatory");
    resource.finish();
    return declaration;
  });
  warnOfMandatory(instance, points.length === 0 ? [] : instance.element.children);
  instance.optional("ID");
  instance.finish();
  return points;
}

/** `mandatory` speaks of an LwM2M object or of an order form: a value may always be absent here. */
export function warnOfMandatory(reader: ElementReader, children: readonly XmlElement[]): void {
  const marked = children.filter(({ attributes }) => attributes.get("mandatory")?.value === "true").length;
  if (marked === 0) return;
  warn(reader.context, reader.element, "not-kept", `${marked} marks "mandatory": a value may always be absent`);
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
