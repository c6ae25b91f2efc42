import { Type } from "typebox";
import { allows } from "#fleet/access/action.ts";
import type { Device } from "#fleet/device.ts";
import type { Principal } from "#model/command.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import type { FleetParts } from "#rest/parts.ts";
import { Outcome } from "#rest/schemas/command.ts";
import { devicePackage, deviceParams, failures, isoOf } from "#rest/schemas/common.ts";
import { Parameter, parameterParams, writeBody } from "#rest/schemas/parameter.ts";
import type { Api } from "#rest/server/api.ts";
import { principalOf } from "#rest/server/caller.ts";
import { givenValueOf, jsonValueOf, liveValueOf } from "#rest/value-json.ts";
import { specOf } from "./find-parameter.ts";

const tags = ["parameters"];
const config = { action: "device.read" } as const;

/** Parameters of a device: what they are, their values, and writing them. */
export function parameterRoutes(app: Api, fleet: FleetParts): void {
  const List = Type.Object({ items: Type.Array(Parameter) });
  app.get(
    "/devices/:id/parameters",
    { config, schema: { tags, summary: "All parameters", params: deviceParams, response: { 200: List, ...failures } } },
    (request) => {
      const device = fleet.registry.get(request.params.id);
      const by = principalOf(request);
      return { items: device.package.parameters.map((spec) => parameterOf(fleet, device, spec, by)) };
    },
  );
  app.get(
    "/devices/:id/parameters/:name",
    {
      config,
      schema: { tags, summary: "One parameter", params: parameterParams, response: { 200: Parameter, ...failures } },
    },
    (request) => {
      const device = fleet.registry.get(request.params.id);
      return parameterOf(fleet, device, specOf(device, request.params.name), principalOf(request));
    },
  );
  app.put(
    "/devices/:id/parameters/:name",
    {
      config: devicePackage,
      schema: {
        tags,
        summary: "Write a parameter; answers when the device reported the value",
        params: parameterParams,
        body: writeBody,
        response: { 200: Outcome, ...failures },
      },
    },
    async (request) => {
      const device = fleet.registry.get(request.params.id);
      const spec = specOf(device, request.params.name);
      const value = givenValueOf(request.body.value, spec, `${device.id} ${spec.name}`);
      const by = principalOf(request);
      const { settledAt, ...outcome } = await fleet.control.writes.write({ device, parameter: spec.name, value, by });
      return { ...outcome, settledAt: isoOf(settledAt) };
    },
  );
}

function parameterOf({ live }: FleetParts, device: Device, spec: ParameterSpec, by: Principal) {
  const { displayName, description, dataType, group, access, range, defaultValue, enumeration, history } = spec;
  return {
    ...liveValueOf(live, device, spec),
    displayName,
    description,
    dataType,
    group,
    class: spec.class,
    access,
    range: range ?? null,
    defaultValue: jsonValueOf(defaultValue, spec),
    choices: enumeration.map(({ value, name }) => ({ value, name })),
    historized: history.historize,
    writable: access !== "read" && allows(by.roles, { package: device.package, group }),
  };
}
