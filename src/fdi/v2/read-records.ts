import type { ElementReader } from "#fdi/xml/element-reader.ts";
import { opaqueOf } from "#fdi/xml/opaque.ts";
import { dataTypes } from "#model/data-type.ts";
import {
  type DocumentSpec,
  documentKinds,
  type EventField,
  type EventSpec,
  type HostSetting,
  type ProtocolTable,
} from "#model/package-details.ts";
import { labelOf } from "./names.ts";
import { readAddresses } from "./read-binding.ts";
import { readUnit } from "./read-parameter.ts";
import { readId, readNamed, readSeverity } from "./read-section.ts";

/** Severity of a device event that names none: an ordinary message. */
const ordinarySeverity = 200;

/** Reads one `Event` element. */
export function readEvent(reader: ElementReader): EventSpec {
  const name = readId(reader);
  return {
    name,
    displayName: reader.optional("label") ?? labelOf(name),
    description: reader.childText("Description"),
    severity: readSeverity(reader, ordinarySeverity),
    fields: readNamed(reader, "Field", readField),
    addresses: readAddresses(reader),
  };
}

function readField(reader: ElementReader): EventField {
  const unit = readUnit(reader);
  return {
    name: readId(reader),
    dataType: reader.oneOf("dataType", dataTypes),
    ...(unit === undefined ? {} : { unit }),
    description: reader.childText("Description"),
  };
}

/** Reads one `Document` element; a reference is a path inside the container or a web address. */
export function readDocument(reader: ElementReader): DocumentSpec {
  const name = readId(reader);
  const href = reader.optional("href") ?? "";
  if (!isDocumentReference(href)) reader.failAttribute("href", "a path below the package, or an https:// address");
  return {
    name,
    kind: reader.oneOf("kind", documentKinds),
    title: reader.optional("title") ?? labelOf(name),
    language: reader.optional("language") ?? "",
    version: reader.optional("version") ?? "",
    mediaType: reader.optional("mediaType") ?? "",
    href,
  };
}

/** True for nothing, `http(s)` addresses, and relative paths that stay inside the package. */
export function isDocumentReference(href: string): boolean {
  if (href === "" || /^https?:\/\/[^\s]+$/.test(href)) return true;
  return /^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/.test(href) && !href.split("/").some((part) => /^\.+$/.test(part));
}

/** Reads one `Setting` of the section HostSettings. */
export function readHostSetting(reader: ElementReader): HostSetting {
  return {
    name: reader.required("name"),
    value: reader.optional("value") ?? reader.fail("attribute value is missing"),
    unit: reader.optional("unit") ?? "",
  };
}

/** Reads one `ProtocolTable` element; what is inside is kept as it is. */
export function readProtocolTable(reader: ElementReader): ProtocolTable {
  const table: ProtocolTable = {
    protocol: reader.required("protocol"),
    version: reader.optional("version") ?? "",
    transport: reader.optional("transport") ?? "",
    content: reader.keepChildren().map(opaqueOf),
  };
  reader.finish();
  return table;
}
