import {
  type CallMethodResultOptions,
  DataType,
  type ISessionContext,
  PermissionFlag,
  type StatusCode,
  StatusCodes,
  type UAObject,
  type Variant,
  VariantArrayType,
} from "node-opcua";
import { allows } from "#fleet/access/action.ts";
import type { PackageChanges } from "#fleet/package-changes.ts";
import type { DeviceRegistry } from "#fleet/registry.ts";
import type { Principal } from "#model/command.ts";
import type { PackageRole } from "#model/command-spec.ts";
import { messageOf } from "#model/errors.ts";
import type { AuditEvents } from "./audit-events.ts";
import { guardsItself } from "./engine/accessor.ts";
import { arrayVariant } from "./method-arguments.ts";
import { rolePermissions } from "./role-permissions.ts";
import { statusCodeOf } from "./status.ts";

export interface ChangePackageParts {
  readonly registry: DeviceRegistry;
  readonly packageChanges: PackageChanges;
  readonly principalOf: (context: ISessionContext) => Principal;
  readonly events: AuditEvents;
  /** Anonymous users may look. */
  readonly showsAll: boolean;
}

/** More devices in one call are refused: each is rebuilt in turn. */
const maxDevices = 1_000;

/**
 * Adds `ChangePackage(Package, Devices) -> Results, Messages` to the Catalogue: gives devices another package, one result
 * for each device in order.
 */
export function addChangePackage(catalogue: UAObject, parts: ChangePackageParts): void {
  const argument = (name: string, dataType: DataType, isList: boolean, description: string): object => ({
    name,
    dataType,
    valueRank: isList ? 1 : -1,
    arrayDimensions: isList ? [0] : null,
    description: { text: description },
  });
  const method = catalogue.namespace.addMethod(catalogue, {
    browseName: "ChangePackage",
    nodeId: "s=Catalogue/ChangePackage",
    description: { text: "Gives devices another package, e.g. a newer revision; needs the role maintenance" },
    inputArguments: [
      argument("Package", DataType.String, false, "Name of a package in the catalogue, e.g. acme/feeder-breaker@1.1.0"),
      argument("Devices", DataType.String, true, "Names of devices"),
    ],
    outputArguments: [
      argument("Results", DataType.StatusCode, true, "What became of each device"),
      argument("Messages", DataType.String, true, "The same in words; empty where it is done"),
    ],
  });
  const may = (role: PackageRole): boolean => allows([role], "device.change-package");
  method.setRolePermissions(rolePermissions(parts.showsAll, PermissionFlag.Call, may));
  guardsItself(method);
  method.bindMethod(async (inputs: Variant[], context: ISessionContext): Promise<CallMethodResultOptions> => {
    const { statusCode, results, messages } = change(parts, inputs, parts.principalOf(context));
    const outputArguments = [arrayVariant(DataType.StatusCode, results), arrayVariant(DataType.String, messages)];
    parts.events.methodCalled({
      context,
      objectId: catalogue.nodeId,
      methodId: method.nodeId,
      inputs,
      outputs: outputArguments,
      statusCode,
      message: `ChangePackage: ${messages.filter((text) => text !== "").join("; ") || "done"}`,
    });
    return { statusCode, outputArguments };
  });
}

interface Answer {
  readonly statusCode: StatusCode;
  readonly results: StatusCode[];
  readonly messages: string[];
}

function change(parts: ChangePackageParts, inputs: readonly Variant[], by: Principal): Answer {
  const key: unknown = inputs[0]?.value;
  const names: unknown = inputs[1]?.arrayType === VariantArrayType.Array ? inputs[1].value : undefined;
  if (typeof key !== "string" || !Array.isArray(names)) return refusal(StatusCodes.BadTypeMismatch);
  if (names.length > maxDevices) return refusal(StatusCodes.BadTooManyOperations);
  const results: StatusCode[] = [];
  const messages: string[] = [];
  for (const name of names) {
    try {
      parts.packageChanges.change(parts.registry.get(String(name)), key, by);
      results.push(StatusCodes.Good);
      messages.push("");
    } catch (error) {
      results.push(statusCodeOf(error));
      messages.push(messageOf(error));
    }
  }
  // Nobody has to read the results to learn that he may not do this at all.
  const isDenied = results.length > 0 && results.every((result) => result.equals(StatusCodes.BadUserAccessDenied));
  return { statusCode: isDenied ? StatusCodes.BadUserAccessDenied : StatusCodes.Good, results, messages };
}

function refusal(statusCode: StatusCode): Answer {
  return { statusCode, results: [], messages: [] };
}
