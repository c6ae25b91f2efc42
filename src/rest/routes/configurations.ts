import { Type } from "typebox";
import type { Control } from "#fleet/control.ts";
import type { Device } from "#fleet/device.ts";
import type { ParameterValue } from "#model/data-type.ts";
import { packageKey } from "#model/device-package.ts";
import type { FleetParts } from "#rest/parts.ts";
import { deviceParams, failures, JsonValue } from "#rest/schemas/common.ts";
import type { Api } from "#rest/server/api.ts";
import { principalOf } from "#rest/server/caller.ts";
import { jsonValueOf } from "#rest/value-json.ts";
import { specOf } from "./find-parameter.ts";

const tags = ["configuration"];

const Configuration = Type.Object({
  device: Type.String(),
  package: Type.String(),
  revision: Type.Integer({ description: "Changes of settings so far" }),
  hash: Type.String({ description: "SHA-256 of all settings" }),
  settings: Type.Record(Type.String(), JsonValue),
  differences: Type.Array(Type.Object({ parameter: Type.String(), accepted: JsonValue, reported: JsonValue }), {
    description: "Settings that were changed without the host",
  }),
});

/** All settings of a device together. */
export function configurationRoutes(app: Api, { registry, control }: FleetParts): void {
  app.get(
    "/devices/:id/configuration",
    {
      config: { action: "device.read" },
      schema: {
        tags,
        summary: "All settings as the device reports them",
        params: deviceParams,
        response: { 200: Configuration, ...failures },
      },
    },
    ({ params }) => configurationOf(registry.get(params.id), control),
  );
  app.post(
    "/devices/:id/configuration/accept",
    {
      config: { action: "configuration.accept" },
      schema: {
        tags,
        summary: "Take settings that were changed on site as what they shall be",
        params: deviceParams,
        response: { 204: Type.Null(), ...failures },
      },
    },
    async (request, reply) => {
      control.acceptConfiguration(registry.get(request.params.id), principalOf(request));
      return reply.code(204).send(null);
    },
  );
}

function configurationOf(device: Device, { configurations }: Control) {
  const reported = Object.entries(configurations.recordOf(device)?.reported ?? {});
  const differences = configurations.differencesOf(device);
  return {
    device: device.id,
    package: packageKey(device.package),
    revision: configurations.revisionOf(device),
    hash: configurations.hashOf(device),
    settings: Object.fromEntries(reported.map(([name, value]) => [name, shown(device, name, value)])),
    differences: differences.map(({ parameter, accepted, reported: now }) => ({
      parameter,
      accepted: shown(device, parameter, accepted),
      reported: shown(device, parameter, now),
    })),
  };
}

function shown(device: Device, name: string, value: ParameterValue) {
  return jsonValueOf(value, specOf(device, name));
}
