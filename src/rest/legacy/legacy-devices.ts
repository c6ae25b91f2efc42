import { Type } from "typebox";
import type { Device } from "#fleet/device.ts";
import type { CommandOutcome } from "#model/command.ts";
import { HostError } from "#model/errors.ts";
import type { FleetParts } from "#rest/parts.ts";
import { inputsOf } from "#rest/routes/commands.ts";
import { deviceParams, GivenValue, isoOf } from "#rest/schemas/common.ts";
import type { Api } from "#rest/server/api.ts";
import { principalOf } from "#rest/server/caller.ts";
import { givenValueOf, jsonValueOf } from "#rest/value-json.ts";
import {
  commandNamed,
  legacyDeviceOf,
  legacyParameterOf,
  mappingOf,
  measurementsOf,
  parameterNamed,
} from "./legacy-device.ts";

const tags = ["legacy"];
const look = { action: "device.read", isLegacy: true } as const;
const change = { ...look, packageDecides: true } as const;

const values = Type.Record(Type.String({ maxLength: 200 }), GivenValue);
const commandBody = Type.Object({
  command: Type.String({ minLength: 1, maxLength: 200 }),
  parameters: Type.Optional(values),
});
const parameterBody = Type.Object({ parameter: Type.String({ minLength: 1, maxLength: 200 }), value: GivenValue });
const number = Type.Integer({ minimum: 0, maximum: 65_535 });
const resourceBody = Type.Object({
  objectId: number,
  instanceId: Type.Integer({ minimum: 0, maximum: 65_535, default: 0 }),
  resourceId: number,
  value: Type.Optional(GivenValue),
  arguments: Type.Optional(values),
});

/** Devices in the shapes of the legacy package manager and LwM2M server; a command answers with the device's result. */
export function legacyDeviceRoutes(app: Api, fleet: FleetParts): void {
  const { registry } = fleet;
  const schema = { tags, params: deviceParams };
  const list = () => [...registry.all()].map((device) => legacyDeviceOf(fleet, device));
  app.get("/api/devices", { config: look, schema: { tags, summary: "All devices" } }, () => {
    const devices = list();
    return { success: true, devices, total: devices.length };
  });
  app.get(
    "/api/devices/:id",
    { config: look, schema: { ...schema, summary: "One device with its values" } },
    ({ params }) => {
      const device = registry.get(params.id);
      const { measurements } = measurementsOf(fleet, device);
      const shown = { ...legacyDeviceOf(fleet, device), current_data: measurements, live_measurements: measurements };
      return { success: true, device: { ...shown, fdi_mapping: mappingOf(device) } };
    },
  );
  app.get(
    "/api/devices/:id/measurements",
    { config: look, schema: { ...schema, summary: "Live values" } },
    ({ params }) => {
      const device = registry.get(params.id);
      return {
        success: true,
        data: { device_id: device.id, ...measurementsOf(fleet, device), fdi_mapping: mappingOf(device) },
      };
    },
  );
  app.get(
    "/api/devices/:id/parameters",
    { config: look, schema: { ...schema, summary: "Parameters" } },
    ({ params }) => ({
      success: true,
      parameters: registry.get(params.id).package.parameters.map(legacyParameterOf),
    }),
  );
  app.get(
    "/api/devices/:id/writable-parameters",
    { config: look, schema: { ...schema, summary: "Parameters that can be written" } },
    ({ params }) => {
      const { parameters } = registry.get(params.id).package;
      return { success: true, parameters: parameters.filter(({ access }) => access !== "read").map(legacyParameterOf) };
    },
  );
  app.get(
    "/api/devices/:id/current-configuration",
    { config: look, schema: { ...schema, summary: "Settings" } },
    ({ params }) => {
      const device = registry.get(params.id);
      const settings = device.package.parameters.filter((spec) => spec.class === "static" && spec.access !== "write");
      const shown = settings.map((spec) => [spec.name, jsonValueOf(fleet.live.get(device, spec).value, spec)] as const);
      return { success: true, device_id: device.id, configuration: Object.fromEntries(shown) };
    },
  );
  changeRoutes(app, fleet);
  resourceRoutes(app, fleet);
}

function changeRoutes(app: Api, { registry, control }: FleetParts): void {
  app.post(
    "/api/devices/:id/command",
    { config: change, schema: { tags, summary: "Do a command", params: deviceParams, body: commandBody } },
    async (request) => {
      const device = registry.get(request.params.id);
      const { command, parameters = {} } = request.body;
      const spec = commandNamed(device, command);
      const inputs = inputsOf(spec.inputs, parameters, `${device.id} ${spec.name}`);
      const by = principalOf(request);
      return resultOf(await control.commands.execute({ device, command: spec.name, inputs, by }));
    },
  );
  app.post(
    "/api/devices/:id/parameter",
    { config: change, schema: { tags, summary: "Write a parameter", params: deviceParams, body: parameterBody } },
    async (request) => {
      const device = registry.get(request.params.id);
      const spec = parameterNamed(device, request.body.parameter);
      const value = givenValueOf(request.body.value, spec, `${device.id} ${spec.name}`);
      const by = principalOf(request);
      return resultOf(await control.writes.write({ device, parameter: spec.name, value, by }));
    },
  );
}

/** Read, write and execute by the numbers of LwM2M. */
function resourceRoutes(app: Api, { registry, control, live }: FleetParts): void {
  const schema = { tags, params: deviceParams, body: resourceBody };
  app.post(
    "/api/devices/:id/read",
    { config: look, schema: { ...schema, summary: "Read a resource" } },
    ({ params, body }) => {
      const device = registry.get(params.id);
      const spec = parameterAt(device, body);
      return { status: "ok", path: pathOf(body), value: jsonValueOf(live.get(device, spec).value, spec) };
    },
  );
  app.post(
    "/api/devices/:id/write",
    { config: change, schema: { ...schema, summary: "Write a resource" } },
    async (request) => {
      const device = registry.get(request.params.id);
      const spec = parameterAt(device, request.body);
      const given = request.body.value;
      if (given === undefined)
        throw new HostError("argument-invalid", `${device.id} ${pathOf(request.body)}: no value`);
      const value = givenValueOf(given, spec, `${device.id} ${spec.name}`);
      const by = principalOf(request);
      return resultOf(await control.writes.write({ device, parameter: spec.name, value, by }));
    },
  );
  app.post(
    "/api/devices/:id/execute",
    { config: change, schema: { ...schema, summary: "Execute a resource" } },
    async (request) => {
      const device = registry.get(request.params.id);
      const path = pathOf(request.body);
      const spec = device.package.commands.find(({ bindings }) => bindings.lwm2m?.address === path);
      if (spec === undefined) throw new HostError("command-unknown", `${device.id} has no command at ${path}`);
      const inputs = inputsOf(spec.inputs, request.body.arguments ?? {}, `${device.id} ${spec.name}`);
      const by = principalOf(request);
      return resultOf(await control.commands.execute({ device, command: spec.name, inputs, by }));
    },
  );
}

function pathOf({
  objectId,
  instanceId,
  resourceId,
}: {
  objectId: number;
  instanceId: number;
  resourceId: number;
}): string {
  return `/${objectId}/${instanceId}/${resourceId}`;
}

function parameterAt(device: Device, body: Parameters<typeof pathOf>[0]) {
  const path = pathOf(body);
  const spec = device.package.parameters.find(({ bindings }) => bindings.lwm2m?.address === path);
  if (spec !== undefined) return spec;
  throw new HostError("parameter-unknown", `${device.id} has no parameter at ${path}`);
}

function resultOf({ commandId, result, evidence, settledAt }: CommandOutcome) {
  return { success: true, message: evidence, command_id: commandId, result, timestamp: isoOf(settledAt) };
}
