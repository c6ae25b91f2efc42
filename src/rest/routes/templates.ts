import { Type } from "typebox";
import { compareTemplate } from "#fleet/template-comparison.ts";
import { rollOut } from "#fleet/template-rollout.ts";
import { commandResults } from "#model/command.ts";
import { errorCodes } from "#model/errors.ts";
import type { FleetParts } from "#rest/parts.ts";
import { deviceParams, failures, JsonValue, strict } from "#rest/schemas/common.ts";
import type { Api } from "#rest/server/api.ts";
import { principalOf } from "#rest/server/caller.ts";
import { jsonValueOf } from "#rest/value-json.ts";

const tags = ["templates"];

const Template = Type.Object({
  name: Type.String(),
  displayName: Type.String(),
  description: Type.String(),
  isApplied: Type.Boolean({ description: "True: the device reports all of its settings" }),
  settings: Type.Array(
    Type.Object({
      parameter: Type.String(),
      unit: Type.Optional(Type.String()),
      wanted: JsonValue,
      present: JsonValue,
      differs: Type.Unsafe<boolean | null>({ type: ["boolean", "null"], description: "null: not known" }),
    }),
  ),
});

const applyBody = Type.Object(
  {
    devices: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
      minItems: 1,
      maxItems: 200,
      uniqueItems: true,
    }),
  },
  strict,
);

const settingResults = ["applied", "unchanged", "failed", "restored", "unknown", "not-tried"] as const;
const Rollout = Type.Object({
  applied: Type.Integer(),
  failed: Type.Integer(),
  results: Type.Array(
    Type.Object({
      device: Type.String(),
      result: Type.Enum([...commandResults]),
      detail: Type.String(),
      code: Type.Optional(Type.Enum([...errorCodes])),
      commandId: Type.Optional(Type.String()),
      settings: Type.Array(
        Type.Object({
          parameter: Type.String(),
          result: Type.Enum([...settingResults]),
          detail: Type.String(),
          code: Type.Optional(Type.Enum([...errorCodes])),
        }),
      ),
    }),
  ),
});

/** Templates: sets of settings, compared with a device and applied to many. */
export function templateRoutes(app: Api, { registry, live, control }: FleetParts): void {
  const List = Type.Object({ items: Type.Array(Template) });
  app.get(
    "/devices/:id/templates",
    {
      config: { action: "device.read" },
      schema: {
        tags,
        summary: "Templates of the device's type, beside its settings",
        params: deviceParams,
        response: { 200: List, ...failures },
      },
    },
    ({ params }) => {
      const device = registry.get(params.id);
      const items = device.package.templates.map((template) => {
        const compared = compareTemplate(device, template, live);
        const { name, displayName, description } = template;
        const isApplied = compared.every(({ differs }) => differs === false);
        return { name, displayName, description, isApplied, settings: compared.map(settingOf) };
      });
      return { items };
    },
  );
  const params = Type.Object({ template: Type.String({ minLength: 1, maxLength: 200 }) });
  app.post(
    "/templates/:template/apply",
    {
      config: { action: "template.apply" },
      schema: {
        tags,
        summary: "Apply a template to many devices: on each all of its settings, or none",
        params,
        body: applyBody,
        response: { 200: Rollout, ...failures },
      },
    },
    async (request) => {
      const { templates } = control;
      const order = { ...request.body, ...request.params, by: principalOf(request) };
      const results = await rollOut({ registry, templates }, order);
      const failed = results.filter(({ code }) => code !== undefined).length;
      return {
        applied: results.length - failed,
        failed,
        results: results.map((result) => ({ ...result, settings: [...result.settings] })),
      };
    },
  );
}

function settingOf({ spec, wanted, present, differs }: ReturnType<typeof compareTemplate>[number]) {
  return {
    parameter: spec.name,
    ...(spec.unit === undefined ? {} : { unit: spec.unit.symbol }),
    wanted: jsonValueOf(wanted, spec),
    present: jsonValueOf(present, spec),
    differs: differs ?? null,
  };
}
