import {
  type CallMethodResultOptions,
  DataType,
  type ISessionContext,
  type StatusCode,
  StatusCodes,
  type UAMethod,
  type Variant,
  type VariantOptions,
} from "node-opcua";
import type { Control } from "#fleet/control.ts";
import type { Device } from "#fleet/device.ts";
import type { LiveValues } from "#fleet/live-values.ts";
import type { Inputs } from "#fleet/package-rules.ts";
import { positionOf, positionSpecOf } from "#fleet/switch-position.ts";
import { type AppliedSetting, TemplateError } from "#fleet/templates.ts";
import type { Logger } from "#lib/logger.ts";
import { AddCause } from "#model/add-cause.ts";
import { CommandError, type CommandOutcome, type Principal } from "#model/command.ts";
import type { ArgumentSpec } from "#model/command-spec.ts";
import type { ParameterValue } from "#model/data-type.ts";
import { HostError, InternalError, messageOf } from "#model/errors.ts";
import type { AuditEvents } from "./audit-events.ts";
import { guardsItself } from "./engine/accessor.ts";
import { isObjectNode } from "./engine/node-guards.ts";
import { arrayVariant, guidVariant, type MethodShape, statusVariant } from "./method-arguments.ts";
import { statusCodeOf } from "./status.ts";
import { parameterValueOf } from "./ua-data-type.ts";

/** A method of a device type and what it stands for. */
export interface BoundMethod {
  readonly shape: MethodShape;
  readonly method: UAMethod;
}

export interface MethodParts {
  readonly control: Control;
  readonly live: LiveValues;
  /** The device whose MethodSet a call names. */
  readonly deviceOf: (methodSet: unknown) => Device | undefined;
  readonly principalOf: (context: ISessionContext) => Principal;
  readonly events: AuditEvents;
  readonly log: Logger;
}

type MethodResult = CallMethodResultOptions & { readonly statusText?: string };

interface Call {
  readonly device: Device;
  readonly by: Principal;
  readonly inputs: readonly Variant[];
}

/** Binds the methods of a device type once; the object named in a call says which device is meant. */
export function bindMethods(methods: readonly BoundMethod[], parts: MethodParts): void {
  for (const { shape, method } of methods) bindOne(method, shape, parts);
}

function bindOne(method: UAMethod, shape: MethodShape, parts: MethodParts): void {
  guardsItself(method);
  method.bindMethod(async (inputs: Variant[], context: ISessionContext): Promise<MethodResult> => {
    // Read at once: the context may serve another call of the same request later.
    const { object } = context;
    const device = parts.deviceOf(object);
    if (device === undefined || !isObjectNode(object)) return { statusCode: StatusCodes.BadMethodInvalid };
    const result = await answer(parts, shape, { device, by: parts.principalOf(context), inputs });
    parts.events.methodCalled({
      context,
      objectId: object.nodeId,
      methodId: method.nodeId,
      inputs,
      outputs: result.outputs,
      statusCode: result.statusCode,
      message: `${shape.name} of ${device.id}: ${result.message}`,
    });
    const { statusCode, outputs: outputArguments, message: statusText } = result;
    return statusCode.isGood() ? { statusCode, outputArguments } : { statusCode, outputArguments, statusText };
  });
}

interface Answer {
  readonly statusCode: StatusCode;
  readonly outputs: VariantOptions[];
  readonly message: string;
}

async function answer(parts: MethodParts, shape: MethodShape, call: Call): Promise<Answer> {
  try {
    return await carryOut(parts, shape, call);
  } catch (error) {
    parts.log.debug({ device: call.device.id, method: shape.name }, messageOf(error));
    return refusal(parts, shape, call.device, error);
  }
}

async function carryOut(parts: MethodParts, { action, name }: MethodShape, call: Call): Promise<Answer> {
  const { control } = parts;
  const { device, by, inputs } = call;
  switch (action.does) {
    case "command": {
      const outcome = await control.commands.execute({
        device,
        command: name,
        inputs: inputsOf(action.spec.inputs, inputs),
        by,
      });
      return good(commandOutputs(parts, device, outcome), outcome.evidence);
    }
    case "test": {
      const report = await control.tests.start({ device, test: name, inputs: inputsOf(action.inputs, inputs), by });
      return good([statusVariant(), guidVariant(report.id)], "started");
    }
    case "select": {
      const selection = control.commands.select(device, textOf(inputs[0]), by);
      const timeout = { dataType: DataType.Double, value: selection.timeoutMs };
      return good([statusVariant(), guidVariant(selection.token), timeout], "selected");
    }
    case "cancel":
      control.commands.cancelSelection(device, guidOf(inputs[0]), by);
      return good([statusVariant()], "cancelled");
    case "apply-template": {
      const outcome = await control.templates.apply({ device, template: textOf(inputs[0]), by });
      return good(templateOutputs(outcome, outcome.settings), outcome.evidence);
    }
    case "abort-test": {
      const { detail } = await control.tests.abort(device, guidOf(inputs[0]), by);
      return good([statusVariant()], detail);
    }
    default:
      return look(parts, action.does, call);
  }
}

/** What changes nothing in the device. */
async function look(
  { control }: MethodParts,
  does: "get-configuration" | "accept-configuration" | "get-test-report",
  { device, by, inputs }: Call,
): Promise<Answer> {
  switch (does) {
    case "get-configuration": {
      const { revision, hash, text } = control.configurationOf(device);
      const revisionCounter = { dataType: DataType.Int32, value: revision };
      return good([stringVariant(text), revisionCounter, stringVariant(hash)], "read");
    }
    case "accept-configuration":
      control.acceptConfiguration(device, by);
      return good([statusVariant()], "accepted");
    case "get-test-report": {
      const report = await control.tests.find(guidOf(inputs[0]));
      if (report?.device !== device.id) throw new HostError("argument-invalid", `${device.id} has no such test report`);
      return good([stringVariant(JSON.stringify(report))], "read");
    }
  }
}

function good(outputs: VariantOptions[], message: string): Answer {
  return { statusCode: StatusCodes.Good, outputs, message };
}

/** A refusal carries its AddCause, too: clients that read outputs of a failed call learn why. */
function refusal(parts: MethodParts, { action }: MethodShape, device: Device, error: unknown): Answer {
  const known = HostError.from(error);
  const message = known?.message ?? "internal error";
  if (known === undefined) parts.log.error({ err: error, device: device.id }, "a method failed");
  return { statusCode: statusCodeOf(error), outputs: refusalOutputs(parts, action.does, device, error), message };
}

function refusalOutputs(
  parts: MethodParts,
  does: MethodShape["action"]["does"],
  device: Device,
  error: unknown,
): VariantOptions[] {
  if (error instanceof TemplateError) return templateOutputs(error.outcome, error.settings);
  const outcome = error instanceof CommandError ? error.outcome : undefined;
  switch (does) {
    case "command":
      return outcome === undefined ? [] : commandOutputs(parts, device, outcome);
    case "test":
      return [statusVariant(outcome?.addCause), guidVariant("")];
    case "select":
      return [statusVariant(outcome?.addCause), guidVariant(""), { dataType: DataType.Double, value: 0 }];
    case "cancel":
    case "abort-test":
    case "accept-configuration":
      return [statusVariant(outcome?.addCause ?? AddCause.unknown)];
    case "apply-template":
    case "get-configuration":
    case "get-test-report":
      return [];
  }
}

function commandOutputs({ live }: MethodParts, device: Device, outcome: CommandOutcome): VariantOptions[] {
  const outputs = [statusVariant(outcome.addCause), guidVariant(outcome.commandId)];
  if (positionSpecOf(device.package) === undefined) return outputs;
  return [...outputs, { dataType: DataType.Byte, value: positionOf(device, live) }];
}

function templateOutputs(outcome: CommandOutcome, settings: readonly AppliedSetting[]): VariantOptions[] {
  return [
    statusVariant(outcome.addCause),
    guidVariant(outcome.commandId),
    arrayVariant(
      DataType.String,
      settings.map(({ parameter }) => parameter),
    ),
    arrayVariant(DataType.StatusCode, settings.map(settingStatusOf)),
    arrayVariant(
      DataType.String,
      settings.map(({ result, detail }) => (detail === "" ? result : `${result}: ${detail}`)),
    ),
  ];
}

function settingStatusOf({ result, code }: AppliedSetting): StatusCode {
  switch (result) {
    case "applied":
    case "unchanged":
      return StatusCodes.Good;
    case "failed":
      return code === undefined ? StatusCodes.Bad : statusCodeOf(new HostError(code, ""));
    case "restored":
      return StatusCodes.BadRequestCancelledByRequest;
    case "unknown":
      return StatusCodes.UncertainLastUsableValue;
    case "not-tried":
      return StatusCodes.BadNothingToDo;
  }
}

/** Arguments in the order of the specs; an empty text stands for an optional argument left out. */
function inputsOf(specs: readonly ArgumentSpec[], inputs: readonly Variant[]): Inputs {
  return specs.map((spec, i): ParameterValue | undefined => {
    const value = parameterValueOf(spec.dataType, inputs[i]?.value);
    return value === "" ? undefined : value;
  });
}

function textOf(input: Variant | undefined): string {
  const value: unknown = input?.value;
  if (typeof value === "string") return value;
  throw new InternalError("node-opcua let an argument of another type through");
}

/** node-opcua reads Guids in capitals. */
function guidOf(input: Variant | undefined): string {
  return textOf(input).toLowerCase();
}

function stringVariant(value: string): VariantOptions {
  return { dataType: DataType.String, value };
}
