import { type ElementReader, warn } from "#fdi/xml/element-reader.ts";
import { nestedChildren, type PointDeclaration, readDeclaration } from "./legacy-point.ts";
import { warnOfMandatory } from "./read-protocols.ts";
import { identifierOf } from "./vocabulary.ts";

const groupsByCategory: ReadonlyMap<string, string> = new Map([
  ["measurement", "Operational"],
  ["safety", "Configuration"],
  ["control", "Configuration"],
  ["analytics", "Maintenance"],
]);

/** The settings that the section DeviceFunctions declares, each function as a functional group. */
export function readFunctions(reader: ElementReader | undefined): PointDeclaration[] {
  const points = reader?.children("Function").flatMap(readFunction) ?? [];
  reader?.finish();
  return points;
}

function readFunction(reader: ElementReader): PointDeclaration[] {
  const name = reader.required("name");
  const description = reader.optional("description") ?? reader.childText("Description");
  const base = groupsByCategory.get((reader.optional("category") ?? "").toLowerCase()) ?? "Configuration";
  const group = `${base}/${identifierOf(name).replaceAll("_", "")}`;
  const points = nestedChildren(reader, "Parameters", "Parameter").map((parameter) => {
    const point = readDeclaration(parameter, { source: "function", group, bindings: {} });
    parameter.finish();
    return point;
  });
  const capabilities = nestedChildren(reader, "Capabilities", "Capability").map((capability) => {
    const text = `${capability.required("name")} (${capability.optional("description") ?? ""})`;
    capability.finish();
    return text;
  });
  const lost = [description, ...capabilities].filter((text) => text !== "").join("; ");
  if (lost !== "") warn(reader.context, reader.element, "not-kept", `function ${name}: ${lost}`);
  reader.finish();
  return points;
}

/** The ratings in the section DeviceParameters. */
export function readDeviceParameters(reader: ElementReader | undefined): PointDeclaration[] {
  const points = reader?.children("Parameter").map((parameter) => {
    const point = readDeclaration(parameter, { source: "device-parameter", group: "Identification", bindings: {} });
    parameter.optional("mandatory");
    parameter.finish();
    return point;
  });
  if (reader !== undefined) warnOfMandatory(reader, reader.element.children);
  reader?.finish();
  return points ?? [];
}
