import { isDocumentReference } from "#fdi/v2/read-records.ts";
import { type ElementReader, warn } from "#fdi/xml/element-reader.ts";
import type {
  DocumentKind,
  DocumentSpec,
  HostSetting,
  RoleSpec,
  SecurityLevel,
  SecuritySpec,
} from "#model/package-details.ts";
import { nestedChildren } from "./legacy-point.ts";
import { identifierOf, permissionsOfText, roleOfWord } from "./vocabulary.ts";

/** Reads the section DeviceSecurity (A) or Security (C); a host setting `SecurityLevel` names the default level. */
export function readSecurity(reader: ElementReader | undefined, hostSettings: readonly HostSetting[]): SecuritySpec {
  const section = reader?.child("SecurityLevels");
  const levels = section?.children("Level").map(readLevel) ?? [];
  section?.finish();
  const access = reader?.child("AccessControl");
  const roles = access?.children("Role").flatMap(readRole) ?? [];
  access?.finish();
  reader?.finish();
  const wanted = hostSettings.find(({ name }) => name === "SecurityLevel")?.value ?? "";
  return { levels, roles, defaultLevel: levels.some(({ name }) => name === wanted) ? wanted : "" };
}

function readLevel(reader: ElementReader): SecurityLevel {
  const features = nestedChildren(reader, "Features", "Feature").map((feature) => {
    const result = { name: feature.required("name"), enabled: feature.boolean("enabled", true) };
    feature.finish();
    return result;
  });
  const words = ["Authentication", "Encryption", "AccessControl"].map((name) => ({
    name,
    text: reader.childText(name),
  }));
  const described = words
    .filter(({ text }) => text !== "")
    .map(({ name, text }) => ({ name: `${name}: ${text}`, enabled: true }));
  const level = {
    name: reader.required("name"),
    description: reader.optional("description") ?? "",
    features: [...features, ...described],
  };
  reader.finish();
  return level;
}

function readRole(reader: ElementReader): RoleSpec[] {
  const name = reader.required("name");
  const text = reader.optional("permissions") ?? "";
  const role = roleOfWord(name);
  const permissions = permissionsOfText(text);
  reader.finish();
  if (role !== undefined && permissions !== undefined) return [{ role, permissions, grants: [] }];
  warn(reader.context, reader.element, "not-kept", `role ${name} with "${text}"`);
  return [];
}

const kinds: ReadonlyMap<string, DocumentKind> = new Map<string, DocumentKind>([
  ["Manual", "manual"],
  ["DataSheet", "data-sheet"],
]);

const mediaTypes: ReadonlyMap<string, string> = new Map([
  ["pdf", "application/pdf"],
  ["html", "text/html"],
]);

/** Reads the section DeviceDocumentation (B) or Documentation (C). */
export function readDocuments(reader: ElementReader | undefined): readonly DocumentSpec[] {
  const names = new Set<string>();
  const documents = [...kinds].flatMap(([element, kind]) =>
    (reader?.children(element) ?? []).map((child) => readDocument(child, kind, names)),
  );
  reader?.finish();
  return documents;
}

function readDocument(reader: ElementReader, kind: DocumentKind, names: Set<string>): DocumentSpec {
  const title = reader.required("name");
  const language = reader.optional("language") ?? "";
  const wanted = identifierOf([kind, title, language].filter((word) => word !== "").join(" "));
  const name = names.has(wanted) ? `${wanted.slice(0, 60)}_${names.size}` : wanted;
  names.add(name);
  const format = (reader.optional("format") ?? "").toLowerCase();
  const url = reader.optional("url") ?? "";
  if (!isDocumentReference(url)) warn(reader.context, reader.element, "not-kept", `address "${url}" of ${title}`);
  const document: DocumentSpec = {
    name,
    kind,
    title,
    language,
    version: reader.optional("version") ?? "",
    mediaType: mediaTypes.get(format) ?? "",
    href: isDocumentReference(url) ? url : "",
  };
  reader.finish();
  return document;
}
