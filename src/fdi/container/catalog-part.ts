import { opaqueOf } from "#fdi/xml/opaque.ts";
import { readXml } from "#fdi/xml/read-xml.ts";
import { element, textElement, writeXml } from "#fdi/xml/write-xml.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { OpaqueElement } from "#model/package-details.ts";
import { PackageError } from "#model/package-problem.ts";

/** The namespace of catalogs in FDI packages (IEC 62769-4, annex E). */
export const catalogNamespace = "http://fdi-cooperation.com/2010/package";
/** What we put into a catalog is in a namespace of our own: other readers ignore it. */
const ownNamespace = "urn:fdi-host:catalog:1";

/** The catalog of a package of ours: what it is, for readers that do not know its description. */
export function catalogXml(pkg: DevicePackage, descriptionPart: string): string {
  const { identity } = pkg;
  return writeXml(
    element("Catalog", { xmlns: catalogNamespace, "xmlns:h": ownNamespace }, [
      element("h:Package", { id: pkg.id, revision: pkg.revision, description: descriptionPart }, [
        textElement("h:Manufacturer", identity.manufacturer),
        textElement("h:Model", identity.model),
        textElement("h:DeviceType", pkg.typeName),
        textElement("h:DeviceRevision", identity.deviceRevision),
        ...[...profilesOf(pkg)].map((profile) => element("h:CommunicationProfile", {}, [profile])),
      ]),
    ]),
  );
}

/** Communication profiles as FDI writes them: `family_protocol`. */
function profilesOf(pkg: DevicePackage): Set<string> {
  const names = { sparkplug: "MQTT_SPARKPLUGB", json: "MQTT_JSON", lwm2m: "LWM2M_MQTT" } as const;
  const bound = new Set(pkg.parameters.flatMap(({ bindings }) => Object.keys(bindings)));
  return new Set(
    (["sparkplug", "json", "lwm2m"] as const).filter((name) => bound.has(name)).map((name) => names[name]),
  );
}

export interface CatalogPart {
  /** Everything in it, as data. */
  readonly content: OpaqueElement;
  /** What our own packages say in it; undefined in packages of others. */
  readonly own: { readonly id: string; readonly revision: string; readonly description: string } | undefined;
}

/** Reads a catalog of ours or of another vendor. */
export function readCatalog(bytes: Uint8Array, source: string): CatalogPart {
  const { root } = readXml(bytes, source).document;
  if (root.name !== "Catalog")
    throw new PackageError("container-invalid", `${source}: root element ${root.name}, expected Catalog`);
  const own = root.children.find(({ name, namespace }) => name === "Package" && namespace === ownNamespace);
  const value = (name: string): string => own?.attributes.get(name)?.value ?? "";
  return {
    content: opaqueOf(root),
    own:
      own === undefined
        ? undefined
        : { id: value("id"), revision: value("revision"), description: value("description") },
  };
}
