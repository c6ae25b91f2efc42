import { Type } from "typebox";
import type { Device } from "#fleet/device.ts";
import type { DeviceRow } from "#fleet/device-list.ts";
import { nameplateOf } from "#fleet/nameplate.ts";
import { totalOf } from "#fleet/traffic.ts";
import { packageKey } from "#model/device-package.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import type { FleetParts } from "#rest/parts.ts";
import { deviceParams, failures, isoOf, maybeIsoOf, pageOf } from "#rest/schemas/common.ts";
import {
  DeviceDetail,
  DeviceSummary,
  DeviceTag,
  deviceQuery,
  LiveValues,
  Nameplate,
  Presence,
  valuesQuery,
} from "#rest/schemas/device.ts";
import type { Api } from "#rest/server/api.ts";
import { principalOf } from "#rest/server/caller.ts";
import { jsonValueOf, liveValueOf } from "#rest/value-json.ts";
import { specOf } from "./find-parameter.ts";

const tags = ["devices"];
const config = { action: "device.read" } as const;

/** Devices: the list, one of them, its live values, nameplate and presence. */
export function deviceRoutes(app: Api, fleet: FleetParts): void {
  app.get(
    "/devices",
    {
      config,
      schema: {
        tags,
        summary: "Devices, filtered, sorted, a page at a time",
        querystring: deviceQuery,
        response: { 200: pageOf(DeviceSummary), ...failures },
      },
    },
    ({ query }) => {
      const { page, pageSize, order, ...filters } = query;
      const found = fleet.devices.page({
        ...filters,
        descending: order === "desc",
        offset: (page - 1) * pageSize,
        limit: pageSize,
      });
      return { items: found.rows.map(summaryOf), total: found.total, page, pageSize };
    },
  );
  app.get(
    "/devices/:id",
    {
      config,
      schema: { tags, summary: "One device", params: deviceParams, response: { 200: DeviceDetail, ...failures } },
    },
    ({ params }) => detailOf(fleet, fleet.registry.get(params.id)),
  );
  app.get(
    "/devices/:id/values",
    {
      config,
      schema: {
        tags,
        summary: "Live values",
        params: deviceParams,
        querystring: valuesQuery,
        response: { 200: LiveValues, ...failures },
      },
    },
    ({ params, query }) => {
      const device = fleet.registry.get(params.id);
      const values = specsOf(device, query.parameters, query.group).map((spec) =>
        liveValueOf(fleet.live, device, spec),
      );
      return { device: device.id, at: isoOf(fleet.clock.now()), values };
    },
  );
  app.get(
    "/devices/:id/nameplate",
    {
      config,
      schema: {
        tags,
        summary: "Who made it, and what it says of itself",
        params: deviceParams,
        response: { 200: Nameplate, ...failures },
      },
    },
    ({ params }) => {
      const device = fleet.registry.get(params.id);
      const { properties, ...plate } = nameplateOf(device, fleet.live);
      const own = properties.map(({ spec, value }) => [spec.name, jsonValueOf(value, spec)] as const);
      const revisionCounter = fleet.control.configurations.revisionOf(device);
      const tag = fleet.registry.tagOf(device);
      return { ...plate, ...tag, revisionCounter, properties: Object.fromEntries(own) };
    },
  );
  app.put(
    "/devices/:id/tag",
    {
      config: { action: "device.name" },
      schema: {
        tags,
        summary: "What people call it: AssetId and ComponentName",
        params: deviceParams,
        body: DeviceTag,
        response: { 204: Type.Null(), ...failures },
      },
    },
    async (request, reply) => {
      const device = fleet.registry.get(request.params.id);
      const { assetId, componentName } = request.body;
      const by = principalOf(request);
      if (assetId !== undefined) fleet.tags.write(device, "assetId", assetId, by);
      if (componentName !== undefined) fleet.tags.write(device, "componentName", componentName, by);
      return reply.code(204).send(null);
    },
  );
  app.get(
    "/devices/:id/presence",
    {
      config,
      schema: {
        tags,
        summary: "How reachable it is, and since when",
        params: deviceParams,
        response: { 200: Presence, ...failures },
      },
    },
    ({ params }) => presenceOf(fleet, fleet.registry.get(params.id)),
  );
}

function summaryOf({ device, presence, position }: DeviceRow) {
  const { id, package: pkg, protocol, address } = device;
  const { manufacturer, model } = pkg.identity;
  return {
    id,
    type: pkg.typeName,
    package: packageKey(pkg),
    manufacturer,
    model,
    protocol,
    address,
    presence: presence.state,
    lastSeen: maybeIsoOf(presence.lastSeen),
    position,
  };
}

function presenceOf({ presence }: FleetParts, device: Device) {
  const { state, since, lastSeen, reason } = presence.of(device);
  return {
    state,
    since: since === 0 ? null : isoOf(since),
    lastSeen: maybeIsoOf(lastSeen),
    reason,
    nextRetry: maybeIsoOf(presence.nextRetry(device)),
  };
}

function detailOf(fleet: FleetParts, device: Device) {
  const { package: pkg } = device;
  const lock = fleet.control.locks.of(device);
  const traffic = fleet.traffic.of(device.id);
  return {
    ...summaryOf(fleet.devices.rowOf(device)),
    presence: presenceOf(fleet, device),
    ways: fleet.registry.ways(device).map(({ protocol, address }) => ({ protocol, address })),
    lock: lock === undefined ? null : { ...lock, remainingMs: fleet.control.locks.remainingMs(device) },
    parameters: pkg.parameters.length,
    commands: pkg.commands.map(({ name }) => name),
    templates: pkg.templates.map(({ name }) => name),
    tests: pkg.tests.map(({ name }) => name),
    traffic:
      traffic === undefined
        ? null
        : {
            accepted: traffic.accepted,
            rejected: totalOf(traffic.rejected),
            lastProblem: traffic.lastProblem ?? null,
          },
  };
}

/** The parameters asked for; all of them without a choice. Throws `parameter-unknown`. */
function specsOf(
  device: Device,
  names: readonly string[] | undefined,
  group: string | undefined,
): readonly ParameterSpec[] {
  const chosen = names?.map((name) => specOf(device, name)) ?? device.package.parameters;
  if (group === undefined) return chosen;
  return chosen.filter((spec) => spec.group === group || spec.group.startsWith(`${group}/`));
}
