import type { ElementReader } from "#fdi/xml/element-reader.ts";
import { packageRoles } from "#model/command-spec.ts";
import {
  type Permission,
  permissions,
  type RoleSpec,
  type SecurityLevel,
  type SecuritySpec,
} from "#model/package-details.ts";
import { readNamed } from "./read-section.ts";

/** Reads the `Security` element; everything empty when it is absent. */
export function readSecurity(reader: ElementReader | undefined): SecuritySpec {
  if (reader === undefined) return { levels: [], defaultLevel: "", roles: [] };
  const levels = readNamed(reader, "Level", readLevel);
  const defaultLevel = reader.optional("defaultLevel") ?? "";
  if (defaultLevel !== "" && !levels.some(({ name }) => name === defaultLevel)) {
    reader.failAttribute("defaultLevel", "the name of a Level");
  }
  const roles = readNamed(reader, "Role", (child) => ({ name: child.required("name"), spec: readRole(child) }));
  reader.finish();
  return { levels, defaultLevel, roles: roles.map(({ spec }) => spec) };
}

function readLevel(reader: ElementReader): SecurityLevel {
  return {
    name: reader.required("name"),
    description: reader.childText("Description"),
    features: readNamed(reader, "Feature", (child) => ({
      name: child.required("name"),
      enabled: child.boolean("enabled", true),
    })),
  };
}

function readRole(reader: ElementReader): RoleSpec {
  return {
    role: reader.oneOf("name", packageRoles),
    permissions: readPermissions(reader),
    grants: reader.children("Grant").map((child) => {
      const grant = { group: child.required("group"), permissions: readPermissions(child) };
      child.finish();
      return grant;
    }),
  };
}

function readPermissions(reader: ElementReader): readonly Permission[] {
  const words = (reader.optional("permissions") ?? "").split(/\s+/).filter((word) => word !== "");
  const known = permissions.filter((permission) => words.includes(permission));
  if (new Set(words).size !== known.length)
    reader.failAttribute("permissions", `words out of ${permissions.join(", ")}`);
  return known;
}
