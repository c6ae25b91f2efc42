import { element, section, textElement, writeXml, type XmlNode, type XmlOutput } from "#fdi/xml/write-xml.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { OpaqueElement, ProtocolTable, SecuritySpec } from "#model/package-details.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { labelOf } from "./names.ts";
import { defaultNamespaceUri, dialectV2Namespace } from "./read-device-package.ts";
import { valueText } from "./value-text.ts";
import { commandXml } from "./write-command.ts";
import { alarmXml, documentXml, eventXml, ruleXml, templateXml, testXml } from "./write-details.ts";

/** The package as a file of dialect v2; reading it gives the same package. */
export function writeDevicePackage(pkg: DevicePackage): string {
  const namespaceUri = pkg.namespaceUri === defaultNamespaceUri(pkg.id) ? undefined : pkg.namespaceUri;
  const attributes = { xmlns: dialectV2Namespace, schemaVersion: 2, id: pkg.id, revision: pkg.revision, namespaceUri };
  const detection = pkg.detection.declaredTypes.map((type) => element("DeclaredType", {}, [type]));
  const settings = pkg.hostSettings.map(({ name, value, unit }) => {
    return element("Setting", { name, value, unit: unit || undefined });
  });
  return writeXml(
    element("DevicePackage", attributes, [
      identityXml(pkg),
      section("Detection", detection),
      section("Parameters", pkg.parameters.map(parameterXml)),
      section(
        "Commands",
        pkg.commands.map((command) => commandXml(command, pkg)),
      ),
      section("Rules", pkg.rules.map(ruleXml)),
      section(
        "Templates",
        pkg.templates.map((template) => templateXml(template, pkg)),
      ),
      section("Tests", pkg.tests.map(testXml)),
      section("Alarms", pkg.alarms.map(alarmXml)),
      section("Events", pkg.events.map(eventXml)),
      section("Documents", pkg.documents.map(documentXml)),
      securityXml(pkg.security),
      section("HostSettings", settings),
      ...pkg.protocolTables.map(tableXml),
      ...pkg.extensions.map((extension) => opaqueXml(extension, dialectV2Namespace)),
    ]),
  );
}

function identityXml({ identity, typeName }: DevicePackage): XmlOutput {
  const { class: deviceUse, category } = identity.classification;
  return element(
    "Identity",
    {
      typeName,
      deviceClass: identity.deviceClass,
      deviceRevision: identity.deviceRevision || undefined,
      revisionDate: identity.revisionDate || undefined,
      softwareRevision: identity.softwareRevision || undefined,
    },
    [
      element("Manufacturer", { uri: identity.manufacturerUri || undefined }, [identity.manufacturer]),
      element("Model", { productCode: identity.productCode || undefined }, [identity.model]),
      deviceUse === "" && category === ""
        ? undefined
        : element("Classification", { class: deviceUse || undefined, category: category || undefined }),
      textElement("Description", identity.description),
    ],
  );
}

function parameterXml(spec: ParameterSpec): XmlOutput {
  return element(
    "Parameter",
    {
      id: spec.name,
      label: spec.displayName === labelOf(spec.name) ? undefined : spec.displayName,
      dataType: spec.dataType,
      unit: spec.unit?.code,
      min: spec.range?.low,
      max: spec.range?.high,
      step: spec.step,
      access: spec.access === "read" ? undefined : spec.access,
      class: spec.class === (spec.access === "read" ? "dynamic" : "static") ? undefined : spec.class,
      default: spec.defaultValue === undefined ? undefined : valueText(spec.defaultValue, spec),
      group: spec.group,
      ...historyAttributes(spec),
      trustStale: spec.trustStale ? undefined : false,
      ansi: spec.ansi,
      logicalNode: spec.logicalNode,
      visibleWhen: spec.visibleWhen?.text,
      validWhen: spec.validWhen?.text,
    },
    [
      textElement("Description", spec.description),
      ...spec.enumeration.map(({ value, name }) => element("Enum", { value, name })),
      ...(spec.states === undefined
        ? []
        : [
            element("State", { value: true, name: spec.states.true }),
            element("State", { value: false, name: spec.states.false }),
          ]),
      ...bindingsXml(spec),
    ],
  );
}

function historyAttributes({ history, ...spec }: ParameterSpec): Record<string, string | number | undefined> {
  const usual = spec.class !== "rating";
  return {
    history: history.historize === usual ? undefined : history.historize ? "on" : "off",
    deadband: history.deadband === 0 ? undefined : history.deadband,
    heartbeatMs: history.heartbeatMs,
  };
}

function bindingsXml(spec: ParameterSpec): XmlNode[] {
  return Object.entries(spec.bindings).map(([protocol, { address, scale, offset, valueMap }]) =>
    element(
      "Binding",
      { protocol, address, scale: scale === 1 ? undefined : scale, offset: offset === 0 ? undefined : offset },
      [...(valueMap ?? [])].map(([wire, value]) => element("Map", { wire, value })),
    ),
  );
}

function securityXml({ levels, defaultLevel, roles }: SecuritySpec): XmlOutput | undefined {
  if (levels.length === 0 && roles.length === 0) return undefined;
  return element("Security", { defaultLevel: defaultLevel || undefined }, [
    ...levels.map(({ name, description, features }) =>
      element("Level", { name }, [
        textElement("Description", description),
        ...features.map((feature) => element("Feature", { name: feature.name, enabled: feature.enabled })),
      ]),
    ),
    ...roles.map(({ role, permissions, grants }) =>
      element(
        "Role",
        { name: role, permissions: permissions.join(" ") },
        grants.map((grant) => element("Grant", { group: grant.group, permissions: grant.permissions.join(" ") })),
      ),
    ),
  ]);
}

function tableXml({ protocol, version, transport, content }: ProtocolTable): XmlOutput {
  return element(
    "ProtocolTable",
    { protocol, version: version || undefined, transport: transport || undefined },
    content.map((child) => opaqueXml(child, dialectV2Namespace)),
  );
}

function opaqueXml(opaque: OpaqueElement, outerNamespace: string): XmlOutput {
  const attributes: Record<string, string> = {};
  if (opaque.namespace !== outerNamespace) attributes["xmlns"] = opaque.namespace;
  let prefixes = 0;
  for (const [name, value] of opaque.attributes) {
    const match = /^\{(.*)\}(.*)$/.exec(name);
    if (match === null) attributes[name] = value;
    else {
      prefixes += 1;
      attributes[`xmlns:a${prefixes}`] = match[1] ?? "";
      attributes[`a${prefixes}:${match[2] ?? ""}`] = value;
    }
  }
  return element(opaque.name, attributes, [
    opaque.text,
    ...opaque.children.map((child) => opaqueXml(child, opaque.namespace)),
  ]);
}
