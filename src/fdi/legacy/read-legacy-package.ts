import { maxParameters } from "#fdi/v2/read-device-package.ts";
import { type ElementReader, warn } from "#fdi/xml/element-reader.ts";
import { extensionsOf } from "#fdi/xml/opaque.ts";
import type { XmlElement } from "#fdi/xml/xml-document.ts";
import { definePackage } from "#model/define-package.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { assembleParameters } from "./assemble-parameters.ts";
import { joinMetrics } from "./join-metrics.ts";
import { readAlarms } from "./read-alarms.ts";
import { readCommands } from "./read-commands.ts";
import { type LegacyTemplates, readDefaultSettings, readTemplates, resolveTemplates } from "./read-configuration.ts";
import { readEvents, readTests } from "./read-diagnostics.ts";
import { readDeviceParameters, readFunctions } from "./read-functions.ts";
import { readIdentity } from "./read-identity.ts";
import { type LegacyProtocols, readProtocols } from "./read-protocols.ts";
import { readDocuments, readSecurity } from "./read-records.ts";
import { settlePackage } from "./settle-package.ts";

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

interface Sections {
  readonly root: ElementReader;
  readonly capabilities: ElementReader | undefined;
  readonly configuration: ElementReader | undefined;
  readonly diagnostics: ElementReader | undefined;
}

/** Reads a package of dialect A, B or C; every decision that the file leaves open is a warning `assumed`. */
export function readLegacyPackage(root: ElementReader): DevicePackage {
  const sections: Sections = {
    root,
    capabilities: root.child("DeviceCapabilities"),
    configuration: root.child("DeviceConfiguration"),
    diagnostics: root.child("DeviceDiagnostics"),
  };
  const identity = readIdentity(root);
  const protocols = readProtocols(sections.capabilities?.child("CommunicationProtocols"));
  const templates = readTemplates([
    sections.configuration?.child("ConfigurationTemplates"),
    sections.configuration?.child("ConfigurationProfiles"),
    sections.capabilities?.child("ConfigurationTemplates"),
  ]);
  const parameters = readParameters(sections, protocols, templates);
  const details = readDetails(sections, protocols, parameters);
  const draft = { ...identity, ...details, parameters, templates: resolveTemplates(templates, parameters), rules: [] };
  for (const section of [sections.capabilities, sections.configuration, sections.diagnostics, root]) section?.finish();
  const extensions = extensionsOf(root.context.foreign);
  return definePackage(
    settlePackage({ ...draft, extensions }, (message) => warn(root.context, root.element, "assumed", message)),
  );
}

function readParameters(
  { root, capabilities }: Sections,
  protocols: LegacyProtocols,
  templates: LegacyTemplates,
): readonly ParameterSpec[] {
  const declared = [
    ...protocols.points,
    ...readDeviceParameters(capabilities?.child("DeviceParameters")),
    ...readFunctions(capabilities?.child("DeviceFunctions")),
    ...templates.points,
  ];
  const joined = joinMetrics(declared, protocols.metrics);
  for (const { offset, message } of joined.notes) warn(root.context, { offset }, "assumed", message);
  const parameters = assembleParameters([...declared, ...joined.points], protocols.access, root.context);
  if (parameters.length === 0) root.fail("the file declares no parameter");
  if (parameters.length > maxParameters)
    root.fail(`${parameters.length} parameters: expected at most ${maxParameters}`);
  return parameters;
}

function readDetails(
  { root, capabilities, configuration, diagnostics }: Sections,
  protocols: LegacyProtocols,
  parameters: readonly ParameterSpec[],
): Pick<
  DevicePackage,
  "commands" | "tests" | "alarms" | "events" | "documents" | "security" | "hostSettings" | "protocolTables"
> {
  const around = { parameters, protocolNames: protocols.names };
  const commands = readCommands(capabilities?.child("DeviceCommands"), around);
  const hostSettings = readDefaultSettings(configuration?.child("DefaultSettings"));
  return {
    commands,
    tests: [
      ...readTests(diagnostics?.child("DiagnosticTests"), commands),
      ...readTests(capabilities?.child("DiagnosticTests"), commands),
    ],
    alarms: readAlarms(
      [diagnostics?.child("AlarmDefinitions"), capabilities?.child("DeviceAlarms"), capabilities?.child("Alarms")],
      parameters,
    ),
    events: readEvents(capabilities?.child("DeviceEvents")),
    documents: readDocuments(root.child("DeviceDocumentation") ?? root.child("Documentation")),
    security: readSecurity(root.child("DeviceSecurity") ?? root.child("Security"), hostSettings),
    hostSettings,
    protocolTables: protocols.tables,
  };
}
