import { Type } from "typebox";
import { importDevices } from "#fleet/onboarding/import-devices.ts";
import type { PendingDevice } from "#fleet/onboarding/pending-devices.ts";
import { packageKey } from "#model/device-package.ts";
import { protocols } from "#model/protocol.ts";
import type { FleetParts } from "#rest/parts.ts";
import { deviceParams, failures, isoOf, nullable, strict, Time } from "#rest/schemas/common.ts";
import type { Api } from "#rest/server/api.ts";
import { principalOf } from "#rest/server/caller.ts";

const tags = ["onboarding"];
const config = { action: "device.onboard" } as const;

const Pending = Type.Object({
  key: Type.String({ description: "For accept and reject" }),
  name: Type.String(),
  protocol: Type.Enum([...protocols]),
  address: Type.String(),
  declaredType: nullable(Type.String()),
  state: Type.Enum(["pending", "rejected"]),
  reason: Type.String({ description: "Why it is not taken in" }),
  points: Type.Integer(),
  firstSeen: Time,
  lastSeen: Time,
  proposals: Type.Array(Type.String(), { description: "Packages that could be its own, the best first" }),
});
const PendingList = Type.Object({
  items: Type.Array(Pending),
  counts: Type.Record(Type.String(), Type.Integer()),
});
const acceptBody = Type.Object(
  {
    key: Type.String({ minLength: 1, maxLength: 400 }),
    package: Type.Optional(
      Type.String({ maxLength: 200, description: "id@revision, or `generic`; default: the best proposed" }),
    ),
    name: Type.Optional(Type.String({ maxLength: 64, description: "Default: its own" })),
  },
  strict,
);
const rejectBody = Type.Object({ key: Type.String({ minLength: 1, maxLength: 400 }) }, strict);
const Accepted = Type.Object({ device: Type.String(), package: Type.String() });
const importBody = Type.Object(
  {
    csv: Type.String({
      maxLength: 8 * 1024 * 1024,
      description: "Columns name, protocol, address, package (id@revision)",
    }),
    dryRun: Type.Boolean({ default: true, description: "True: only says what would happen" }),
  },
  strict,
);
const Imported = Type.Object({
  dryRun: Type.Boolean(),
  added: Type.Integer({ description: "All rows, or none when one of them has a problem" }),
  problems: Type.Integer(),
  rows: Type.Array(Type.Object({ line: Type.Integer(), name: Type.String(), problem: nullable(Type.String()) })),
});
const packageBody = Type.Object({ package: Type.String({ maxLength: 200, description: "id@revision" }) }, strict);
const maxImportBytes = 10 * 1024 * 1024;

/** Devices that wait to be taken in, devices in bulk, and devices that leave. */
export function onboardingRoutes(app: Api, fleet: FleetParts): void {
  const { onboarding, registry, packageChanges } = fleet;
  app.get(
    "/onboarding",
    {
      config,
      schema: { tags, summary: "Devices that wait or were rejected", response: { 200: PendingList, ...failures } },
    },
    () => ({ items: onboarding.list().map(pendingOf), counts: { ...onboarding.counts() } }),
  );
  app.post(
    "/onboarding/accept",
    {
      config,
      schema: { tags, summary: "Take a device in", body: acceptBody, response: { 200: Accepted, ...failures } },
    },
    (request) => {
      const device = onboarding.accept({ ...request.body, by: principalOf(request) });
      return { device: device.id, package: packageKey(device.package) };
    },
  );
  app.post(
    "/onboarding/reject",
    {
      config,
      schema: {
        tags,
        summary: "Do not take a device in",
        body: rejectBody,
        response: { 204: Type.Null(), ...failures },
      },
    },
    async (request, reply) => {
      onboarding.reject(request.body.key, principalOf(request));
      return reply.code(204).send(null);
    },
  );
  app.post(
    "/onboarding/import",
    {
      config,
      bodyLimit: maxImportBytes,
      schema: {
        tags,
        summary: "Add many devices from CSV, after a dry run",
        body: importBody,
        response: { 200: Imported, ...failures },
      },
    },
    (request) => {
      const { csv, dryRun } = request.body;
      const { shelf, clock, control } = fleet;
      const parts = { registry, shelf, clock, audit: control.audit };
      const result = importDevices(parts, { csv, dryRun, by: principalOf(request) });
      const rows = result.rows.map(({ line, name, problem }) => ({ line, name, problem: problem ?? null }));
      return { dryRun, added: result.added, problems: result.problems, rows };
    },
  );
  app.put(
    "/devices/:id/package",
    {
      config,
      schema: {
        tags,
        summary: "Give a device another package",
        params: deviceParams,
        body: packageBody,
        response: { 200: Accepted, ...failures },
      },
    },
    (request) => {
      const device = packageChanges.change(registry.get(request.params.id), request.body.package, principalOf(request));
      return { device: device.id, package: packageKey(device.package) };
    },
  );
  app.delete(
    "/devices/:id",
    {
      config: { action: "device.remove" },
      schema: {
        tags,
        summary: "Remove a device: rejected until it is accepted again",
        params: deviceParams,
        response: { 204: Type.Null(), ...failures },
      },
    },
    async (request, reply) => {
      onboarding.remove(registry.get(request.params.id), principalOf(request));
      return reply.code(204).send(null);
    },
  );
}

function pendingOf({ key, name, protocol, address, declaredType, state, reason, ...device }: PendingDevice) {
  return {
    key,
    name,
    protocol,
    address,
    declaredType: declaredType ?? null,
    state,
    reason,
    points: device.pointCount,
    firstSeen: isoOf(device.firstSeen),
    lastSeen: isoOf(device.lastSeen),
    proposals: device.proposals.map(({ package: pkg }) => packageKey(pkg)),
  };
}
