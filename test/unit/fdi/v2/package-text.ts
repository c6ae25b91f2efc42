import { type ReadPackage, readDevicePackage } from "#fdi/read-package.ts";
import { PackageError } from "#model/package-problem.ts";

export const minimalParameter = `<Parameter id="Position" dataType="int32" group="Operational"><Enum value="1" name="Open"/><Enum value="2" name="Closed"/></Parameter>`;

/** A small valid package of dialect v2 with the given parts in place of its own. */
export function packageText(
  parts: { parameters?: string; commands?: string; root?: string; more?: string } = {},
): string {
  return `<DevicePackage xmlns="urn:fdi-host:device-package:2" ${parts.root ?? 'schemaVersion="2" id="acme/b" revision="1.2.3"'}>
<Identity typeName="B" deviceClass="CircuitBreaker"><Manufacturer>Acme</Manufacturer><Model>B</Model></Identity>
<Parameters>
${parts.parameters ?? minimalParameter}
</Parameters>
<Commands>
${parts.commands ?? ""}
</Commands>
${parts.more ?? ""}
</DevicePackage>`;
}

export function readText(text: string): ReadPackage {
  return readDevicePackage(new TextEncoder().encode(text), "b.fdi");
}

/** The message with which a package is refused, without the file name. */
export function refusalOf(text: string): string {
  try {
    readText(text);
  } catch (error) {
    if (error instanceof PackageError && error.code === "package-invalid") return error.message.replace("b.fdi:", "");
    throw error;
  }
  throw new Error("the package was accepted");
}
