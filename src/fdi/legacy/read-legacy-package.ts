import { defaultNamespaceUri } from "#fdi/v2/read-device-package.ts";
import { type ElementReader, warn } from "#fdi/xml/element-reader.ts";
import { extensionsOf } from "#fdi/xml/opaque.ts";
import type { XmlElement } from "#fdi/xml/xml-document.ts";
import { definePackage } from "#model/define-package.ts";
import type { DevicePackage, PackageIdentity } from "#model/device-package.ts";
import { assembleParameters } from "./assemble-parameters.ts";
import { joinMetrics } from "./join-metrics.ts";
import { readAlarms } from "./read-alarms.ts";
import { readCommands } from "./read-commands.ts";
import { readDefaultSettings, readTemplates, resolveTemplates } from "./read-configuration.ts";
import { readEvents, readTests } from "./read-diagnostics.ts";
import { readDeviceParameters, readFunctions } from "./read-functions.ts";
import { readProtocols } from "./read-protocols.ts";
import { readDocuments, readSecurity } from "./read-records.ts";
import { identifierOf, revisionOfText, slugOf } from "./vocabulary.ts";

export type LegacyDialect = "A" | "B" | "C";

const fdiNamespace = "http://www.opcfoundation.org/FDI/2011/Device";
const packageNamespace = "http://www.opcfoundation.org/FDI/DevicePackage";

/** Which of the three old dialects a root element starts; A and B differ by content only. Undefined for anything else. */
export function legacyDialectOf(root: XmlElement): LegacyDialect | undefined {
  if (root.name === "DevicePackage" && root.namespace === packageNamespace) return "C";
  if (root.name !== "FDI" || root.namespace !== fdiNamespace) return undefined;
  return isDialectB(root) ? "B" : "A";
}

function isDialectB(root: XmlElement): boolean {
  const capabilities = root.children.find(({ name }) => name === "DeviceCapabilities")?.children ?? [];
  const protocols = capabilities.find(({ name }) => name === "CommunicationProtocols")?.children ?? [];
  const names = new Set(protocols.map(({ attributes }) => attributes.get("name")?.value));
  if (names.has("SparkplugB") || root.children.some(({ name }) => name === "DeviceDiagnostics")) return false;
  const sections = capabilities.some(({ name }) => name === "DeviceAlarms" || name === "DeviceEvents");
  return sections || names.has("OPC UA") || names.has("Modbus");
}

/** Reads a package of dialect A, B or C; every decision that the file leaves open is a warning `assumed`. */
export function readLegacyPackage(reader: ElementReader): DevicePackage {
  const identity = readIdentity(reader);
  const capabilities = reader.child("DeviceCapabilities");
  const configuration = reader.child("DeviceConfiguration");
  const diagnostics = reader.child("DeviceDiagnostics");
  const protocols = readProtocols(capabilities?.child("CommunicationProtocols"));
  const templates = readTemplates([
    configuration?.child("ConfigurationTemplates"),
    configuration?.child("ConfigurationProfiles"),
    capabilities?.child("ConfigurationTemplates"),
  ]);
  const declared = [
    ...protocols.points,
    ...readDeviceParameters(capabilities?.child("DeviceParameters")),
    ...readFunctions(capabilities?.child("DeviceFunctions")),
    ...templates.points,
  ];
  const joined = joinMetrics(declared, protocols.metrics);
  for (const { offset, message } of joined.notes) warn(reader.context, { offset }, "assumed", message);
  const parameters = assembleParameters([...declared, ...joined.points], protocols.access, reader.context);
  if (parameters.length === 0) reader.fail("the file declares no parameter");
  const around = { parameters, protocolNames: protocols.names };
  const commands = readCommands(capabilities?.child("DeviceCommands"), around);
  const hostSettings = readDefaultSettings(configuration?.child("DefaultSettings"));
  const pkg = definePackage({
    ...identity,
    parameters,
    commands,
    templates: resolveTemplates(templates, parameters),
    tests: [
      ...readTests(diagnostics?.child("DiagnosticTests"), commands),
      ...readTests(capabilities?.child("DiagnosticTests"), commands),
    ],
    alarms: readAlarms(
      [diagnostics?.child("AlarmDefinitions"), capabilities?.child("DeviceAlarms"), capabilities?.child("Alarms")],
      parameters,
    ),
    events: readEvents(capabilities?.child("DeviceEvents")),
    documents: readDocuments(reader.child("DeviceDocumentation") ?? reader.child("Documentation")),
    security: readSecurity(reader.child("DeviceSecurity") ?? reader.child("Security"), hostSettings),
    hostSettings,
    protocolTables: protocols.tables,
  });
  for (const section of [capabilities, configuration, diagnostics, reader]) section?.finish();
  return { ...pkg, extensions: extensionsOf(reader.context.foreign) };
}

function readIdentity(
  reader: ElementReader,
): Pick<DevicePackage, "id" | "revision" | "namespaceUri" | "typeName" | "identity" | "detection"> {
  const identity = reader.requiredChild("DeviceIdentity");
  // The name DeviceType is used twice: a text inside DeviceIdentity, and a section below the root.
  const type = reader.child("DeviceType");
  const manufacturer = requiredText(identity, "DeviceManufacturer");
  const model = requiredText(identity, "DeviceModel");
  const version = identity.childText("DeviceVersion");
  const deviceType = identity.childText("DeviceType");
  const typeName = identifierOf(type?.childText("DeviceTypeName") || deviceType || model);
  if (identity.childText("DeviceSerialNumber") !== "") {
    warn(reader.context, identity.element, "not-kept", "DeviceSerialNumber belongs to a device, not to its type");
  }
  const id = `${slugOf(manufacturer) || "unknown"}/${slugOf(model) || "unknown"}`;
  const revision = revisionOfText(version) ?? "1.0.0";
  const declaredTypes = [...new Set([id, deviceType, typeName, snakeCaseOf(typeName)])].filter((text) => text !== "");
  const said = `package ${id} revision ${revision}, devices that declare ${declaredTypes.join(", ")}`;
  warn(reader.context, identity.element, "assumed", said);
  const facts: PackageIdentity = {
    manufacturer,
    manufacturerUri: "",
    model,
    productCode: "",
    description: type?.childText("DeviceTypeDescription") || identity.childText("DeviceDescription"),
    deviceClass: deviceClassOf(typeName),
    deviceRevision: identity.childText("DeviceRevision"),
    revisionDate: identity.childText("DeviceRevisionDate"),
    softwareRevision: version,
    classification: {
      class: type?.childText("DeviceTypeClass") ?? "",
      category: type?.childText("DeviceTypeCategory") ?? "",
    },
  };
  if (type !== undefined) identity.childText("DeviceDescription");
  for (const section of [identity, type]) section?.finish();
  return {
    id,
    revision,
    namespaceUri: defaultNamespaceUri(id),
    typeName,
    identity: facts,
    detection: { declaredTypes },
  };
}

function requiredText(reader: ElementReader, name: string): string {
  return reader.childText(name) || reader.fail(`element ${name} is missing or empty`);
}

function snakeCaseOf(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
}

function deviceClassOf(typeName: string): string {
  return /breaker/i.test(typeName) ? "CircuitBreaker" : typeName;
}
