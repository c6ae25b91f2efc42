import {
  type CallMethodResultOptions,
  type ISessionContext,
  StatusCodes,
  type UAMethod,
  type Variant,
} from "node-opcua";
import type { Commands } from "#fleet/commands.ts";
import type { Device } from "#fleet/device.ts";
import type { Logger } from "#lib/logger.ts";
import type { Principal } from "#model/command.ts";
import type { CommandSpec } from "#model/command-spec.ts";
import type { ParameterValue } from "#model/data-type.ts";
import { HostError, messageOf } from "#model/errors.ts";
import type { MethodDeclaration } from "./device-type.ts";
import { statusCodeOf } from "./status.ts";
import { parameterValueOf } from "./ua-data-type.ts";

export interface MethodParts {
  readonly commands: Commands;
  /** The device whose MethodSet a call names. */
  readonly deviceOf: (methodSet: unknown) => Device | undefined;
  readonly principalOf: (context: ISessionContext) => Principal;
  readonly log: Logger;
}

/** Binds the methods of a device type once; the object named in a call says which device is meant. */
export function bindMethods(methods: readonly MethodDeclaration[], parts: MethodParts): void {
  for (const { spec, method } of methods) bindOne(method, spec, parts);
}

function bindOne(method: UAMethod, spec: CommandSpec, parts: MethodParts): void {
  method.bindMethod(async (inputs: Variant[], context: ISessionContext): Promise<CallMethodResultOptions> => {
    const device = parts.deviceOf(context.object);
    if (device === undefined) return { statusCode: StatusCodes.BadMethodInvalid };
    try {
      const by = parts.principalOf(context);
      await parts.commands.execute({ device, command: spec.name, inputs: inputsOf(spec, inputs), by });
      return { statusCode: StatusCodes.Good };
    } catch (error) {
      parts.log.debug({ device: device.id, method: spec.name }, messageOf(error));
      return { statusCode: statusCodeOf(error) };
    }
  });
}

/** Arguments in the order of the spec; an empty text stands for an optional argument left out. */
function inputsOf(spec: CommandSpec, inputs: readonly Variant[]): (ParameterValue | undefined)[] {
  return spec.inputs.map((input, i) => {
    const value = parameterValueOf(input.dataType, inputs[i]?.value);
    if (value === undefined || value === "") {
      if (input.required) throw new HostError("argument-invalid", `${spec.name}: argument ${input.name} is missing`);
      return input.defaultValue;
    }
    return value;
  });
}
