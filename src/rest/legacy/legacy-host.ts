import { Type } from "typebox";
import type { DevicePackage } from "#model/device-package.ts";
import { packageKey } from "#model/device-package.ts";
import { HostError } from "#model/errors.ts";
import type { FacadeParts } from "#rest/parts.ts";
import { isoOf } from "#rest/schemas/common.ts";
import type { Api } from "#rest/server/api.ts";
import { principalOf } from "#rest/server/caller.ts";
import { RequestRefused } from "#rest/status.ts";
import { legacyParameterOf, legacyTypeOfPackage, offeredPackages, snake } from "./legacy-device.ts";

const tags = ["legacy"];
const look = { action: "package.read", isLegacy: true } as const;
const manage = { action: "package.manage", isLegacy: true } as const;
const system = { action: "system.read", isLegacy: true } as const;
const maxEvents = 1_000;

/** Packages, status and events in the shapes of the legacy platforms. */
export function legacyHostRoutes(app: Api, parts: FacadeParts): void {
  const { registry, presence, clock } = parts.fleet;
  app.get("/api/packages", { config: look, schema: { tags, summary: "All packages" } }, () => {
    const packages = offeredPackages(parts).map((pkg) => entryOf(parts, pkg));
    return { success: true, packages, total: packages.length };
  });
  const params = Type.Object({ "*": Type.String({ minLength: 1, maxLength: 300, description: "id@revision, or id" }) });
  app.get("/api/packages/*", { config: look, schema: { tags, summary: "One package", params } }, (request) => {
    const wanted = request.params["*"];
    return {
      success: true,
      package: jsonPackageOf(packageWhere(parts, (pkg) => packageKey(pkg) === wanted || pkg.id === wanted, wanted)),
    };
  });
  app.get(
    "/api/fdi-package/*",
    { config: look, schema: { tags, summary: "The package of a device type", params } },
    (request) => {
      const wanted = request.params["*"];
      const isOf = ({ detection, typeName }: DevicePackage) =>
        typeName === wanted || detection.declaredTypes.includes(wanted);
      return { success: true, package: jsonPackageOf(packageWhere(parts, isOf, wanted)) };
    },
  );
  packageChangeRoutes(app, parts);
  app.get("/api/routes", { config: system, schema: { tags, summary: "All routes" } }, () => ({
    routes: app.guardedRoutes.filter(({ method }) => method !== "HEAD").map(({ method, url }) => `${method} ${url}`),
  }));
  app.get("/api/server/status", { config: system, schema: { tags, summary: "The server" } }, () => {
    const health = parts.health();
    const opcua = health.find(({ name }) => name === "opcua");
    const port = /:(\d+)/.exec(opcua?.detail ?? "")?.[1];
    const adapters = parts.fleet.transports.map(({ protocol }) => protocol);
    const status = { running: opcua?.ready === true, opcua_port: port === undefined ? null : Number(port), adapters };
    return { success: true, status: { ...status, devices_count: registry.size, storage_stats: parts.storeCounters() } };
  });
  app.get("/api/health", { config: system, schema: { tags, summary: "In one line" } }, async () => {
    const isReady = parts.health().every(({ ready }) => ready);
    const { events } = await parts.events.read({
      device: undefined,
      from: undefined,
      to: undefined,
      reverse: true,
      limit: maxEvents,
    });
    const counts = { active_devices: presence.count("online"), events: events.length };
    return { status: isReady ? "healthy" : "unhealthy", timestamp: isoOf(clock.now()), ...counts };
  });
  app.get(
    "/api/events",
    { config: { action: "alarm.read", isLegacy: true }, schema: { tags, summary: "The last events" } },
    async () => {
      const { events } = await parts.events.read({
        device: undefined,
        from: undefined,
        to: undefined,
        reverse: true,
        limit: maxEvents,
      });
      return events.map(({ kind, name, at, device, severity, message }) => ({
        event_type: kind === "device-event" ? name : `alarm_${kind.replaceAll("-", "_")}`,
        timestamp: isoOf(at),
        data: { device_id: device ?? null, name, severity, message },
      }));
    },
  );
}

function packageChangeRoutes(app: Api, parts: FacadeParts): void {
  const body = Type.Object({ package_type: Type.String({ minLength: 1, maxLength: 200 }) });
  app.post(
    "/api/packages",
    { config: manage, schema: { tags, summary: "Make sure that there is a package of a type", body } },
    ({ body: { package_type: type } }) => {
      const pkg = offeredPackages(parts).findLast((one) => legacyTypeOfPackage(one) === type || one.typeName === type);
      if (pkg === undefined) {
        const known = [...new Set(offeredPackages(parts).map(legacyTypeOfPackage))].join(", ");
        const upload = "bring another in with POST /api/v1/packages";
        throw new HostError(
          "argument-invalid",
          `no package of type ${JSON.stringify(type)}: there are ${known}; ${upload}`,
        );
      }
      const there = { package_id: packageKey(pkg), message: `${packageKey(pkg)} is there`, schema_registered: true };
      return { success: true, ...there, duplicate_prevented: true };
    },
  );
  const params = Type.Object({ "*": Type.String({ minLength: 1, maxLength: 300, description: "id@revision" }) });
  app.delete(
    "/api/packages/*",
    { config: manage, schema: { tags, summary: "Remove a package that no device has", params } },
    async (request) => {
      const wanted = request.params["*"];
      const isIt = (pkg: DevicePackage): boolean => packageKey(pkg) === wanted;
      const key = packageKey(packageWhere(parts, isIt, wanted));
      await parts.packages.remove(key, principalOf(request));
      return { success: true, message: `${key} is removed` };
    },
  );
}

function packageWhere(parts: FacadeParts, isIt: (pkg: DevicePackage) => boolean, wanted: string): DevicePackage {
  const found = offeredPackages(parts).toReversed().find(isIt);
  if (found !== undefined) return found;
  throw new RequestRefused("thing-unknown", `there is no package ${JSON.stringify(wanted.slice(0, 120))}`);
}

function entryOf({ packages }: FacadeParts, pkg: DevicePackage) {
  const kept = packages.list().find(({ key }) => key === packageKey(pkg));
  return {
    package_id: packageKey(pkg),
    device_type: pkg.detection.declaredTypes[0] ?? pkg.typeName,
    manufacturer: pkg.identity.manufacturer,
    model: pkg.identity.model,
    version: pkg.revision,
    created_at: null,
    stored_at: kept === undefined ? null : isoOf(kept.importedAt),
    checksum: kept?.sha256 ?? null,
    file_path: kept?.source ?? null,
    size_bytes: kept?.size ?? null,
    metadata: {},
  };
}

/** A package in the form of the legacy package manager. */
function jsonPackageOf(pkg: DevicePackage) {
  const { identity } = pkg;
  return {
    package_id: packageKey(pkg),
    version: pkg.revision,
    schema_version: "1.0",
    device_type: {
      device_type: pkg.detection.declaredTypes[0] ?? pkg.typeName,
      name: pkg.typeName,
      description: identity.description,
      category: identity.classification.category,
      manufacturer: identity.manufacturer,
      model: identity.model,
      version: identity.softwareRevision,
      capabilities: [...new Set(pkg.parameters.map(({ group }) => snake(group.split("/").at(-1) ?? group)))],
      parameters: pkg.parameters.map(legacyParameterOf),
      commands: pkg.commands.map(({ name, description, inputs, timeoutMs }) => ({
        name: snake(name),
        description,
        parameters: inputs.map((input) => ({ name: input.name, data_type: input.dataType, required: input.required })),
        return_type: "boolean",
        timeout_seconds: timeoutMs / 1_000,
        requires_confirmation: true,
      })),
      data_format: "json",
    },
    metadata: {},
  };
}
