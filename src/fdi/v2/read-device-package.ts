import type { ElementReader } from "#fdi/xml/element-reader.ts";
import { extensionsOf } from "#fdi/xml/opaque.ts";
import type { CommandSpec } from "#model/command-spec.ts";
import { definePackage } from "#model/define-package.ts";
import type { DetectionRules, DevicePackage, PackageIdentity } from "#model/device-package.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { identifierPattern } from "./names.ts";
import { readAlarm } from "./read-alarm.ts";
import { readCommand } from "./read-command.ts";
import type { ParameterMap } from "./read-condition.ts";
import { readParameter, withConditions } from "./read-parameter.ts";
import { readDocument, readEvent, readHostSetting, readProtocolTable } from "./read-records.ts";
import { readSection } from "./read-section.ts";
import { readSecurity } from "./read-security.ts";
import { readRule, readTemplate, readTest } from "./read-settings.ts";

/** Namespace of dialect v2, the one that we write. */
export const dialectV2Namespace = "urn:fdi-host:device-package:2";

/** A device's values are addressed by 16-bit index. */
export const maxParameters = 4096;

export const packageIdPattern = /^(?=.{3,100}$)[a-z0-9]+(?:-[a-z0-9]+)*\/[a-z0-9]+(?:-[a-z0-9]+)*$/;
export const packageRevisionPattern = /^\d{1,5}\.\d{1,5}\.\d{1,5}$/;

/** Reads a `DevicePackage` element of dialect v2. */
export function readDevicePackageV2(reader: ElementReader): DevicePackage {
  reader.oneOf("schemaVersion", ["2"]);
  const id = reader.matching("id", packageIdPattern, "manufacturer/model in lower case with dashes");
  const parameters = readParameters(reader.requiredChild("Parameters"));
  const byName = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  const commands = readCommands(reader, byName);
  const commandByName = new Map(commands.map((command) => [command.name, command]));
  const pkg = definePackage({
    id,
    revision: reader.matching("revision", packageRevisionPattern, "three numbers such as 1.0.0"),
    namespaceUri: reader.optional("namespaceUri") ?? defaultNamespaceUri(id),
    ...readIdentity(reader.requiredChild("Identity")),
    detection: readDetection(reader.child("Detection")),
    parameters,
    commands,
    rules: readSection(reader, "Rules", "Rule", (child) => readRule(child, byName)),
    templates: readSection(reader, "Templates", "Template", (child) => readTemplate(child, byName)),
    tests: readSection(reader, "Tests", "Test", (child) => readTest(child, byName, commandByName)),
    alarms: readSection(reader, "Alarms", "Alarm", (child) => readAlarm(child, byName)),
    events: readSection(reader, "Events", "Event", readEvent),
    documents: readSection(reader, "Documents", "Document", readDocument),
    security: readSecurity(reader.child("Security")),
    hostSettings: readSection(reader, "HostSettings", "Setting", readHostSetting),
    protocolTables: reader.children("ProtocolTable").map(readProtocolTable),
  });
  reader.finish();
  return { ...pkg, extensions: extensionsOf(reader.context.foreign) };
}

/** The namespace of the OPC UA types of a package that names none. */
export function defaultNamespaceUri(id: string): string {
  return `urn:fdi-host:device-types:${id.replace("/", ":")}`;
}

function readIdentity(reader: ElementReader): { typeName: string; identity: PackageIdentity } {
  const manufacturer = reader.requiredChild("Manufacturer");
  const model = reader.requiredChild("Model");
  const classification = reader.child("Classification");
  const result = {
    typeName: reader.matching("typeName", identifierPattern, "a letter, then letters, digits or _"),
    identity: {
      manufacturer: textOf(manufacturer),
      manufacturerUri: manufacturer.optional("uri") ?? "",
      model: textOf(model),
      productCode: model.optional("productCode") ?? "",
      description: reader.childText("Description"),
      deviceClass: reader.required("deviceClass"),
      deviceRevision: reader.optional("deviceRevision") ?? "",
      revisionDate: reader.optional("revisionDate") ?? "",
      softwareRevision: reader.optional("softwareRevision") ?? "",
      classification: {
        class: classification?.optional("class") ?? "",
        category: classification?.optional("category") ?? "",
      },
    },
  };
  for (const child of [manufacturer, model, classification, reader]) child?.finish();
  return result;
}

function readDetection(reader: ElementReader | undefined): DetectionRules {
  const declaredTypes = reader?.children("DeclaredType").map((child) => {
    const text = textOf(child);
    child.finish();
    return text;
  });
  reader?.finish();
  return { declaredTypes: declaredTypes ?? [] };
}

function textOf(reader: ElementReader): string {
  const text = reader.text();
  return text === "" ? reader.fail("expected a text") : text;
}

function readParameters(reader: ElementReader): readonly ParameterSpec[] {
  const elements = reader.children("Parameter");
  if (elements.length === 0) reader.fail("expected at least one Parameter");
  if (elements.length > maxParameters) reader.fail(`${elements.length} parameters: expected at most ${maxParameters}`);
  const claims = new Map<string, string>();
  const specs = elements.map((element, index) => {
    const parameter = readParameter(element, index);
    for (const claim of claimsOf(parameter)) {
      const owner = claims.get(claim);
      if (owner !== undefined) element.fail(`${claim} is already taken by parameter ${owner}`);
      claims.set(claim, parameter.name);
    }
    return { element, parameter };
  });
  const byName: ParameterMap = new Map(specs.map(({ parameter }) => [parameter.name, parameter]));
  const parameters = specs.map(({ element, parameter }) => {
    const complete = withConditions(element, parameter, byName);
    element.finish();
    return complete;
  });
  reader.finish();
  return parameters;
}

/** What no second parameter may have: its name and its places on the wire. */
function claimsOf(parameter: ParameterSpec): string[] {
  const addresses = Object.entries(parameter.bindings).map(
    ([protocol, { address }]) => `${protocol} address ${address}`,
  );
  return [`id ${parameter.name}`, ...addresses];
}

function readCommands(parent: ElementReader, parameters: ParameterMap): readonly CommandSpec[] {
  return readSection(parent, "Commands", "Command", (element) => {
    const command = readCommand(element, parameters);
    // Commands and parameters are siblings below a device, so they share one set of names.
    if (parameters.has(command.name)) element.fail(`id ${command.name} is already taken by a parameter`);
    return command;
  });
}
