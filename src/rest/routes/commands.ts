import { Type } from "typebox";
import type { Inputs } from "#fleet/package-rules.ts";
import type { ArgumentSpec, CommandSpec } from "#model/command-spec.ts";
import { HostError } from "#model/errors.ts";
import type { FleetParts } from "#rest/parts.ts";
import {
  argumentsBody,
  Command,
  CommandHistory,
  CommandRecord,
  commandParams,
  latestQuery,
  Outcome,
  Selection,
  selectionBody,
  selectionParams,
} from "#rest/schemas/command.ts";
import { commandJsonOf } from "#rest/schemas/command-json.ts";
import { devicePackage, deviceParams, failures, isoOf } from "#rest/schemas/common.ts";
import type { Api } from "#rest/server/api.ts";
import { principalOf } from "#rest/server/caller.ts";
import { RequestRefused } from "#rest/status.ts";
import { givenValueOf, jsonValueOf } from "#rest/value-json.ts";

const tags = ["commands"];
const config = { action: "device.read" } as const;
const Commands = Type.Object({ items: Type.Array(Command) });

/** Commands of devices: what there is, doing it, selecting it before, and what became of it. */
export function commandRoutes(app: Api, fleet: FleetParts): void {
  app.get(
    "/devices/:id/commands",
    {
      config,
      schema: {
        tags,
        summary: "What the device can be told to do",
        params: deviceParams,
        response: { 200: Commands, ...failures },
      },
    },
    ({ params }) => ({ items: fleet.registry.get(params.id).package.commands.map(commandOf) }),
  );
  app.post(
    "/devices/:id/commands/:command",
    {
      config: devicePackage,
      schema: {
        tags,
        summary: "Do it; answers when the device itself showed the effect",
        description: "504 command-unconfirmed means that nobody knows: the command may have taken effect.",
        params: commandParams,
        body: argumentsBody,
        response: { 200: Outcome, ...failures },
      },
    },
    async (request) => {
      const device = fleet.registry.get(request.params.id);
      const { command } = request.params;
      const spec = device.package.commandByName.get(command);
      const inputs = inputsOf(spec?.inputs ?? [], request.body.arguments ?? {}, `${device.id} ${command}`);
      const by = principalOf(request);
      const { settledAt, ...outcome } = await fleet.control.commands.execute({ device, command, inputs, by });
      return { ...outcome, settledAt: isoOf(settledAt) };
    },
  );
  historyRoutes(app, fleet);
  selectionRoutes(app, fleet);
}

function historyRoutes(app: Api, { registry, commandBook }: FleetParts): void {
  const response = { 200: CommandHistory, ...failures };
  app.get(
    "/devices/:id/command-history",
    {
      config,
      schema: {
        tags,
        summary: "The last commands and writes of a device, newest first",
        params: deviceParams,
        querystring: latestQuery,
        response,
      },
    },
    ({ params, query }) => ({ items: commandBook.latest(query.limit, registry.get(params.id).id).map(commandJsonOf) }),
  );
  app.get(
    "/commands",
    {
      config,
      schema: {
        tags,
        summary: "The last commands and writes of all devices, newest first",
        querystring: latestQuery,
        response,
      },
    },
    ({ query }) => ({ items: commandBook.latest(query.limit).map(commandJsonOf) }),
  );
  const params = Type.Object({ commandId: Type.String({ minLength: 1, maxLength: 100 }) });
  app.get(
    "/commands/:commandId",
    {
      config,
      schema: {
        tags,
        summary: "One command with its states so far",
        params,
        response: { 200: CommandRecord, ...failures },
      },
    },
    ({ params: { commandId } }) => {
      const record = commandBook.find(commandId);
      if (record !== undefined) return commandJsonOf(record);
      throw new RequestRefused("thing-unknown", `no command ${commandId} is remembered: the audit has all of them`);
    },
  );
}

function selectionRoutes(app: Api, { registry, control }: FleetParts): void {
  app.post(
    "/devices/:id/selections",
    {
      config: devicePackage,
      schema: {
        tags,
        summary: "Select a command for this session (select-before-operate)",
        params: deviceParams,
        body: selectionBody,
        response: { 201: Selection, ...failures },
      },
    },
    (request, reply) => {
      const device = registry.get(request.params.id);
      reply.code(201);
      return control.commands.select(device, request.body.command, principalOf(request));
    },
  );
  app.delete(
    "/devices/:id/selections/:token",
    {
      config: { action: "device.select" },
      schema: {
        tags,
        summary: "Give a selection up",
        params: selectionParams,
        response: { 204: Type.Null(), ...failures },
      },
    },
    async (request, reply) => {
      const { id, token } = request.params;
      control.commands.cancelSelection(registry.get(id), token, principalOf(request));
      return reply.code(204).send(null);
    },
  );
}

/** Values by name in the order of the arguments. Throws `argument-invalid` and `value-type-mismatch`. */
export function inputsOf(
  specs: readonly ArgumentSpec[],
  given: Readonly<{ [name: string]: string | number | boolean }>,
  where: string,
): Inputs {
  const names = specs.map(({ name }) => name);
  const stranger = Object.keys(given).find((name) => !names.includes(name));
  if (stranger !== undefined) {
    const shown = JSON.stringify(stranger.slice(0, 80));
    throw new HostError(
      "argument-invalid",
      `${where} has no argument ${shown}: it takes ${names.join(", ") || "none"}`,
    );
  }
  const values = new Map(Object.entries(given));
  return specs.map(({ name, dataType }) => {
    const value = values.get(name);
    return value === undefined ? undefined : givenValueOf(value, { dataType, enumeration: [] }, `${where} ${name}`);
  });
}

function commandOf(spec: CommandSpec) {
  const { name, displayName, description, effect, role, timeoutMs, confirm, select } = spec;
  const confirmedBy = confirm.by === "ack" ? "the device's answer" : `${confirm.parameter} = ${String(confirm.equals)}`;
  return {
    name,
    displayName,
    description,
    effect,
    role,
    timeoutMs,
    needsSelection: select !== undefined,
    confirmedBy,
    arguments: spec.inputs.map(argumentOf),
  };
}

export function argumentOf(spec: ArgumentSpec) {
  const { name, description, dataType, required, defaultValue, unit, range, choices } = spec;
  return {
    name,
    description,
    dataType,
    required,
    defaultValue: jsonValueOf(defaultValue, spec),
    ...(unit === undefined ? {} : { unit: unit.symbol }),
    range: range ?? null,
    choices: [...choices],
  };
}
