import {
  type AddressSpace,
  type CallMethodResultOptions,
  DataType,
  type ISessionContext,
  PermissionFlag,
  StatusCodes,
  type UAObject,
  Variant,
  VariantArrayType,
  type VariantOptions,
} from "node-opcua";
import { allows, demand, type NamedAction } from "#fleet/access/action.ts";
import type { Onboarding } from "#fleet/onboarding/onboarding.ts";
import type { PendingDevice } from "#fleet/onboarding/pending-devices.ts";
import type { DeviceRegistry } from "#fleet/registry.ts";
import type { Logger } from "#lib/logger.ts";
import type { Principal } from "#model/command.ts";
import { packageKey } from "#model/device-package.ts";
import { HostError } from "#model/errors.ts";
import type { AuditEvents } from "./audit-events.ts";
import { guardsItself } from "./engine/accessor.ts";
import { arrayVariant } from "./method-arguments.ts";
import { rolePermissions } from "./role-permissions.ts";
import { statusCodeOf } from "./status.ts";

export interface OnboardingNodesParts {
  readonly onboarding: Onboarding;
  readonly registry: DeviceRegistry;
  readonly principalOf: (context: ISessionContext) => Principal;
  readonly events: AuditEvents;
  /** Anonymous users may look. */
  readonly showsAll: boolean;
  readonly log: Logger;
}

/** node-opcua passes the text on to the client's diagnostics. */
type MethodResult = CallMethodResultOptions & { readonly statusText?: string };

interface MethodDraft {
  readonly name: string;
  readonly description: string;
  readonly action: NamedAction;
  readonly inputs: readonly (readonly [name: string, description: string])[];
  /** Answers the name of the device that it made, or an empty text. */
  readonly run: (inputs: readonly string[], by: Principal) => string;
}

/**
 * `Objects/Onboarding`: the devices that introduced themselves and are not taken in, as one JSON text each, what was counted
 * of them, and the methods Accept, Reject and Remove.
 */
export function showOnboarding(addressSpace: AddressSpace, parts: OnboardingNodesParts): void {
  const { onboarding, registry } = parts;
  const root = addressSpace.getOwnNamespace().addObject({
    browseName: "Onboarding",
    nodeId: "s=Onboarding",
    organizedBy: addressSpace.rootFolder.objects,
    description: "Devices that introduced themselves and wait to be taken in",
  });
  addVariables(root, onboarding);
  const device = ["Device", "Its name or key, e.g. sparkplug Plant/N1/D1"] as const;
  const accepted = (inputs: readonly string[], by: Principal): string => {
    const [key = "", pkg = "", name = ""] = inputs;
    return onboarding.accept({ key, package: pkg || undefined, name: name || undefined, by }).id;
  };
  const methods: readonly MethodDraft[] = [
    {
      name: "Accept",
      action: "device.onboard",
      description: "Takes in a device that waits or was rejected; needs the role maintenance",
      inputs: [
        device,
        ["Package", "Name of a package in the catalogue, generic for none; empty: the best one proposed"],
        ["Name", "Name to take it in under; empty: its own"],
      ],
      run: accepted,
    },
    {
      name: "Reject",
      action: "device.onboard",
      description: "Refuses a device for good, until it is accepted; needs the role maintenance",
      inputs: [device],
      run: ([key = ""], by) => {
        onboarding.reject(key, by);
        return "";
      },
    },
    {
      name: "Remove",
      action: "device.remove",
      description: "Removes a device; it counts as rejected until it is accepted; needs the role administrator",
      inputs: [["Device", "Its name in DeviceSet"]],
      run: ([name = ""], by) => {
        onboarding.remove(registry.get(name), by);
        return "";
      },
    },
  ];
  for (const draft of methods) addMethod(root, draft, parts);
}

function addVariables(root: UAObject, onboarding: Onboarding): void {
  const { namespace } = root;
  const counts: readonly (readonly [name: string, description: string, read: () => number])[] = [
    ["PendingCount", "Devices that wait", () => onboarding.counts().pending],
    ["RejectedCount", "Devices that were rejected", () => onboarding.counts().rejected],
    ["GenericCount", "Devices without a package", () => onboarding.counts().generic],
    ["TurnedAwayCount", "Introductions for which there was no place", () => onboarding.counts().turnedAway],
    ["PointCount", "Points shown beyond packages", () => onboarding.counts().points],
    ["PointsLeftOutCount", "Points not shown because of a limit", () => onboarding.counts().pointsLeftOut],
  ];
  for (const [browseName, description, read] of counts) {
    namespace.addVariable({
      browseName,
      description,
      nodeId: `s=Onboarding/${browseName}`,
      componentOf: root,
      dataType: DataType.UInt32,
      minimumSamplingInterval: 1_000,
      value: { get: () => new Variant({ dataType: DataType.UInt32, value: read() }) },
    });
  }
  namespace.addVariable({
    browseName: "Policy",
    nodeId: "s=Onboarding/Policy",
    propertyOf: root,
    dataType: DataType.String,
    value: { dataType: DataType.String, value: onboarding.policy.mode },
  });
  namespace.addVariable({
    browseName: "Devices",
    description: "One JSON text for each device that waits or was rejected",
    nodeId: "s=Onboarding/Devices",
    componentOf: root,
    dataType: DataType.String,
    valueRank: 1,
    arrayDimensions: [0],
    minimumSamplingInterval: 1_000,
    value: { get: () => new Variant(arrayVariant(DataType.String, onboarding.list().map(textOf))) },
  });
}

function textOf(device: PendingDevice): string {
  const { key, name, state, reason, declaredType, pointCount, firstSeen, lastSeen, proposals } = device;
  return JSON.stringify({
    key,
    name,
    state,
    reason,
    declaredType,
    points: pointCount,
    firstSeen: new Date(firstSeen).toISOString(),
    lastSeen: new Date(lastSeen).toISOString(),
    proposals: proposals.map(({ package: pkg, score, by }) => ({ package: packageKey(pkg), score, by })),
  });
}

function addMethod(root: UAObject, draft: MethodDraft, parts: OnboardingNodesParts): void {
  const { name, description } = draft;
  const text = (argument: string, about: string): object => {
    return { name: argument, dataType: DataType.String, valueRank: -1, description: { text: about } };
  };
  const method = root.namespace.addMethod(root, {
    browseName: name,
    nodeId: `s=Onboarding/${name}`,
    description: { text: description },
    inputArguments: draft.inputs.map(([argument, about]) => text(argument, about)),
    outputArguments: name === "Accept" ? [text("DeviceId", "Name that it has in DeviceSet")] : [],
  });
  method.setRolePermissions(
    rolePermissions(parts.showsAll, PermissionFlag.Call, (role) => allows([role], draft.action)),
  );
  guardsItself(method);
  method.bindMethod(async (inputs: Variant[], context: ISessionContext): Promise<MethodResult> => {
    const { message, ...result } = answer(draft, inputs, { ...parts, by: parts.principalOf(context) });
    parts.events.methodCalled({
      context,
      objectId: root.nodeId,
      methodId: method.nodeId,
      inputs,
      outputs: result.outputArguments,
      statusCode: result.statusCode,
      message: `Onboarding ${name}: ${message}`,
    });
    return result.statusCode.isGood() ? result : { ...result, statusText: message };
  });
}

function answer(draft: MethodDraft, inputs: readonly Variant[], { by, log }: { by: Principal; log: Logger }) {
  const texts = inputs.map((input): unknown => input.value);
  const outputArguments: VariantOptions[] = [];
  if (!texts.every((text) => typeof text === "string" || text === null)) {
    return { statusCode: StatusCodes.BadTypeMismatch, outputArguments, message: "expected texts" };
  }
  try {
    demand(by, draft.action, `call ${draft.name} of Onboarding`);
    const made = draft.run(
      texts.map((text) => (typeof text === "string" ? text : "")),
      by,
    );
    if (made !== "")
      outputArguments.push({ dataType: DataType.String, arrayType: VariantArrayType.Scalar, value: made });
    return { statusCode: StatusCodes.Good, outputArguments, message: "done" };
  } catch (error) {
    const known = HostError.from(error);
    if (known === undefined) log.error({ err: error }, `Onboarding ${draft.name} failed`);
    return { statusCode: statusCodeOf(error), outputArguments, message: known?.message ?? "internal error" };
  }
}
