import { defaultNamespaceUri } from "#fdi/v2/read-device-package.ts";
import { type ElementReader, warn } from "#fdi/xml/element-reader.ts";
import type { DevicePackage } from "#model/device-package.ts";
import { identifierOf, revisionOfText, slugOf } from "./vocabulary.ts";

type IdentityPart = Pick<DevicePackage, "id" | "revision" | "namespaceUri" | "typeName" | "identity" | "detection">;

/** Reads DeviceIdentity and the section DeviceType; id, revision and declared types are assumed from them. */
export function readIdentity(root: ElementReader): IdentityPart {
  const identity = root.requiredChild("DeviceIdentity");
  // The name DeviceType is used twice: a text inside DeviceIdentity, and a section below the root.
  const type = root.child("DeviceType");
  const deviceType = identity.childText("DeviceType");
  const manufacturer = requiredText(identity, "DeviceManufacturer");
  const model = requiredText(identity, "DeviceModel");
  const typeName = identifierOf(type?.childText("DeviceTypeName") || deviceType || model);
  const softwareRevision = identity.childText("DeviceVersion");
  const id = `${slugOf(manufacturer) || "unknown"}/${slugOf(model) || "unknown"}`;
  const revision = revisionOfText(softwareRevision) ?? "1.0.0";
  const declaredTypes = [...new Set([id, deviceType, typeName, snakeCaseOf(typeName)])].filter((text) => text !== "");
  const said = `package ${id} revision ${revision}, devices that declare ${declaredTypes.join(", ")}`;
  warn(root.context, identity.element, "assumed", said);
  const part: IdentityPart = {
    id,
    revision,
    namespaceUri: defaultNamespaceUri(id),
    typeName,
    detection: { declaredTypes },
    identity: {
      manufacturer,
      manufacturerUri: "",
      model,
      productCode: "",
      deviceClass: /breaker/i.test(typeName) ? "CircuitBreaker" : typeName,
      softwareRevision,
      ...readFacts(identity, type),
    },
  };
  for (const section of [identity, type]) section?.finish();
  return part;
}

function readFacts(
  identity: ElementReader,
  type: ElementReader | undefined,
): Pick<DevicePackage["identity"], "description" | "deviceRevision" | "revisionDate" | "classification"> {
  if (identity.childText("DeviceSerialNumber") !== "") {
    warn(identity.context, identity.element, "not-kept", "DeviceSerialNumber belongs to a device, not to its type");
  }
  const texts = [type?.childText("DeviceTypeDescription") ?? "", identity.childText("DeviceDescription")];
  return {
    description: [...new Set(texts)].filter((text) => text !== "").join(". "),
    deviceRevision: identity.childText("DeviceRevision"),
    revisionDate: identity.childText("DeviceRevisionDate"),
    classification: {
      class: type?.childText("DeviceTypeClass") ?? "",
      category: type?.childText("DeviceTypeCategory") ?? "",
    },
  };
}

function requiredText(reader: ElementReader, name: string): string {
  return reader.childText(name) || reader.fail(`element ${name} is missing or empty`);
}

function snakeCaseOf(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
}
