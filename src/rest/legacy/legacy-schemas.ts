import { Type } from "typebox";
import type { DevicePackage } from "#model/device-package.ts";
import { packageKey } from "#model/device-package.ts";
import type { FacadeParts } from "#rest/parts.ts";
import { isoOf } from "#rest/schemas/common.ts";
import type { Api } from "#rest/server/api.ts";
import { RequestRefused } from "#rest/status.ts";
import { legacyParameterOf, legacyTypeOfPackage, offeredPackages } from "./legacy-device.ts";

const tags = ["legacy"];
const config = { action: "package.read", isLegacy: true } as const;
const name = Type.String({ minLength: 1, maxLength: 200 });
const typeParams = Type.Object({ type: name });
const versionParams = Type.Object({ type: name, version: name });
const latest = "latest";

/** The schemas of telemetry that follow from the device packages, in the shapes of the legacy schema registry. */
export function legacySchemaRoutes(app: Api, parts: FacadeParts): void {
  app.get("/api/schemas", { config, schema: { tags, summary: "Device types and their schemas" } }, () => {
    const packages = offeredPackages(parts);
    const types = Map.groupBy(packages, legacyTypeOfPackage);
    const device_types = Object.fromEntries([...types].map(([type, list]) => [type, versionsOf(list)]));
    return { success: true, data: { total_device_types: types.size, total_schemas: packages.length, device_types } };
  });
  app.get(
    "/api/schemas/:type",
    { config, schema: { tags, summary: "The schemas of a device type", params: typeParams } },
    ({ params: { type } }) => {
      const packages = packagesOf(parts, type);
      const { versions, latest_version } = versionsOf(packages);
      const schemas = packages.map((pkg) => [pkg.revision, entryOf(parts, pkg)] as const);
      return {
        success: true,
        device_type: type,
        data: { versions, latest: latest_version, schemas: Object.fromEntries(schemas) },
      };
    },
  );
  app.get(
    "/api/schemas/:type/:version",
    { config, schema: { tags, summary: "One schema; `latest` is a version, too", params: versionParams } },
    ({ params: { type, version } }) => {
      const pkg = packageOf(parts, type, version);
      const { schema, registered_at, schema_id } = entryOf(parts, pkg);
      const metadata = { device_type: type, version: pkg.revision, registered_at, schema_id };
      return { success: true, data: { schema, metadata } };
    },
  );
  app.get(
    "/api/schemas/:type/:version/export",
    { config, schema: { tags, summary: "One schema as a document", params: versionParams } },
    ({ params: { type, version } }) => {
      const pkg = packageOf(parts, type, version);
      const exported_at = isoOf(parts.fleet.clock.now());
      const metadata = { device_type: type, version: pkg.revision, exported_at, source: "fdi_package" };
      return { schema: parts.packages.schemaOf(pkg), metadata };
    },
  );
  compareRoute(app, parts);
  validateRoutes(app, parts);
}

function compareRoute(app: Api, parts: FacadeParts): void {
  const querystring = Type.Object({ v1: name, v2: name });
  app.get(
    "/api/schemas/:type/compare",
    { config, schema: { tags, summary: "What changed between versions", params: typeParams, querystring } },
    ({ params: { type }, query: { v1, v2 } }) => {
      const [before, after] = [fieldsOf(packageOf(parts, type, v1)), fieldsOf(packageOf(parts, type, v2))];
      const removed_fields = [...before.keys()].filter((field) => !after.has(field));
      const added_fields = [...after.keys()].filter((field) => !before.has(field));
      const changed_fields = [...before].flatMap(([field, old]) => {
        const now = after.get(field);
        return now === undefined || JSON.stringify(old) === JSON.stringify(now) ? [] : [{ field, old, new: now }];
      });
      const changes = { added_fields, removed_fields, changed_fields, breaking_changes: removed_fields.length > 0 };
      return { success: true, data: { device_type: type, version1: v1, version2: v2, ...changes } };
    },
  );
}

/** Counts since the host started: what it was not asked, it does not know. */
interface Validations {
  total: number;
  valid: number;
}

function validateRoutes(app: Api, parts: FacadeParts): void {
  const counts = new Map<string, Validations>();
  const body = Type.Object({ message: Type.Record(Type.String(), Type.Unknown()), device_type: name });
  app.post(
    "/api/schemas/validate",
    { config, schema: { tags, summary: "Does a message keep the newest schema of its type?", body } },
    ({ body: { message, device_type } }) => {
      const pkg = packageOf(parts, device_type, latest);
      const [problem] = parts.packages.violations(pkg, message);
      const count = counts.get(device_type) ?? { total: 0, valid: 0 };
      counts.set(device_type, { total: count.total + 1, valid: count.valid + (problem === undefined ? 1 : 0) });
      const data = { device_type, timestamp: isoOf(parts.fleet.clock.now()), schema_version: pkg.revision };
      if (problem === undefined) return { success: true, data: { valid: true, ...data } };
      const [path = "", ...rest] = problem.split(": ");
      const failure = { error: problem, validation_path: path, validation_message: rest.join(": ") };
      return { success: true, data: { valid: false, ...data, ...failure } };
    },
  );
  const querystring = Type.Object({ device_type: Type.Optional(name) });
  app.get(
    "/api/schemas/stats",
    { config, schema: { tags, summary: "Validations since the host started", querystring } },
    ({ query: { device_type } }) => {
      const wanted = [...counts].filter(([type]) => device_type === undefined || type === device_type);
      const total = wanted.reduce((sum, [, count]) => sum + count.total, 0);
      const valid = wanted.reduce((sum, [, count]) => sum + count.valid, 0);
      const rates = { total_validations: total, success_rate: total === 0 ? null : valid / total };
      return { success: true, data: { ...rates, device_types: wanted.map(([type]) => type) } };
    },
  );
}

/** The packages of a device type, the one for new devices last. Throws `thing-unknown`. */
function packagesOf(parts: FacadeParts, type: string): readonly DevicePackage[] {
  const found = offeredPackages(parts).filter((pkg) => legacyTypeOfPackage(pkg) === type || pkg.typeName === type);
  if (found.length > 0) return found;
  throw new RequestRefused("thing-unknown", `there is no device type ${JSON.stringify(type.slice(0, 120))}`);
}

function packageOf(parts: FacadeParts, type: string, version: string): DevicePackage {
  const packages = packagesOf(parts, type);
  const found = version === latest ? packages.at(-1) : packages.find(({ revision }) => revision === version);
  if (found !== undefined) return found;
  throw new RequestRefused("thing-unknown", `${type} has no version ${JSON.stringify(version.slice(0, 60))}`);
}

function versionsOf(packages: readonly DevicePackage[]) {
  const versions = packages.map(({ revision }) => revision);
  return { latest_version: versions.at(-1) ?? null, version_count: versions.length, versions };
}

function entryOf({ packages }: FacadeParts, pkg: DevicePackage) {
  const kept = packages.list().find(({ key }) => key === packageKey(pkg));
  return {
    schema: packages.schemaOf(pkg),
    registered_at: kept === undefined ? null : isoOf(kept.importedAt),
    schema_id: `${legacyTypeOfPackage(pkg)}_${pkg.revision}`,
  };
}

/** What a message of the type can hold, by its place. */
function fieldsOf(pkg: DevicePackage): ReadonlyMap<string, object> {
  return new Map(
    pkg.parameters.flatMap((spec) => {
      const { data_type: type, unit, min_value, max_value, valid_values } = legacyParameterOf(spec);
      const place = spec.bindings.json?.address;
      return place === undefined ? [] : [[place, { type, unit, min_value, max_value, valid_values }] as const];
    }),
  );
}
