import {
  type AddressSpace,
  DataType,
  Range,
  resolveNodeId,
  type StatusCode,
  StatusCodes,
  Variant,
  VariantArrayType,
} from "node-opcua";
import { longestPassword } from "#fleet/access/password-rule.ts";
import type { UserDirectory, UserView } from "#fleet/access/user-directory.ts";
import type { Principal } from "#model/command.ts";
import { isVariableNode } from "#opcua/engine/node-guards.ts";
import { bindUserMethod, type UserNodesParts } from "./bind-method.ts";

/** Bits of UserConfigurationMask (OPC 10000-18, 5.2.4) that the host has. */
const disabled = 2;
const mustChangePassword = 8;
/** PasswordOptionsMask (OPC 10000-18, 5.2.2): SupportInitialPasswordChange and SupportDisableUser. */
const passwordOptions = 0x3;

const nodes = {
  users: "ns=0;i=24301",
  passwordLength: "ns=0;i=24302",
  passwordOptions: "ns=0;i=24303",
  passwordRestrictions: "ns=0;i=24291",
  addUser: "ns=0;i=24304",
  modifyUser: "ns=0;i=24306",
  removeUser: "ns=0;i=24308",
};

/**
 * Shows the users in `ServerConfiguration/UserManagement` and binds AddUser, ModifyUser and RemoveUser (OPC 10000-18, 5.2.5
 * to 5.2.7). A new user may look; AddIdentity of a role makes more of it.
 */
export function bindUserManagement(addressSpace: AddressSpace, parts: UserNodesParts): void {
  const { users } = parts;
  const show = (nodeId: string, get: () => Variant): void => {
    const node = addressSpace.findNode(nodeId);
    if (isVariableNode(node)) node.bindVariable({ get }, true);
  };
  const structureOf = (user: UserView) => {
    const userConfiguration = configurationOf(user);
    return addressSpace.constructExtensionObject(userType, { userName: user.name, userConfiguration, description: "" });
  };
  const { minLength } = users.passwordRule;
  const text = `At least ${minLength} characters, five of them different, without the user's name and none that everybody tries`;
  show(nodes.users, () => new Variant({ ...structures, value: users.all().map(structureOf) }));
  show(nodes.passwordLength, () => {
    const value = new Range({ low: minLength, high: longestPassword });
    return new Variant({ dataType: DataType.ExtensionObject, value });
  });
  show(nodes.passwordOptions, () => new Variant({ dataType: DataType.UInt32, value: passwordOptions }));
  show(nodes.passwordRestrictions, () => new Variant({ dataType: DataType.LocalizedText, value: { text } }));
  bindUserMethod(addressSpace, parts, nodes.addUser, (inputs, by) => addUser(users, inputs, by));
  bindUserMethod(addressSpace, parts, nodes.modifyUser, (inputs, by) => modifyUser(users, inputs, by));
  bindUserMethod(addressSpace, parts, nodes.removeUser, (inputs, by) => removeUser(users, inputs, by));
}

const userType = resolveNodeId("ns=0;i=24281");
const structures = { dataType: DataType.ExtensionObject, arrayType: VariantArrayType.Array };

function configurationOf({ enabled, mustChangePassword: must }: UserView): number {
  return (enabled ? 0 : disabled) | (must ? mustChangePassword : 0);
}

async function addUser(
  users: UserDirectory,
  [name, password, mask, description]: readonly unknown[],
  by: Principal,
): Promise<StatusCode> {
  if (typeof name !== "string" || typeof password !== "string") return StatusCodes.BadInvalidArgument;
  const bits = bitsOf(mask);
  if (bits === undefined || !isEmpty(description)) return StatusCodes.BadNotSupported;
  const must = (bits & mustChangePassword) !== 0;
  await users.add({ name, role: "viewer", password, mustChangePassword: must }, by);
  if ((bits & disabled) !== 0) await users.setEnabled(name, false, by);
  return StatusCodes.Good;
}

async function modifyUser(
  users: UserDirectory,
  [name, modifiesPassword, password, modifiesMask, mask, modifiesDescription, description]: readonly unknown[],
  by: Principal,
): Promise<StatusCode> {
  const user = typeof name === "string" ? users.find(name) : undefined;
  if (user === undefined) return StatusCodes.BadNotFound;
  const bits = modifiesMask === true ? bitsOf(mask) : configurationOf(user);
  if (bits === undefined || (modifiesDescription === true && !isEmpty(description))) return StatusCodes.BadNotSupported;
  const must = (bits & mustChangePassword) !== 0;
  const isDisabled = (bits & disabled) !== 0;
  if (isDisabled && user.enabled && user.name === by.user) return StatusCodes.BadInvalidSelfReference;
  // The bit alone makes no sense of its own: what must be changed is a password that somebody else gave.
  if (modifiesPassword !== true && must !== user.mustChangePassword) return StatusCodes.BadNotSupported;
  if (modifiesPassword === true) {
    if (typeof password !== "string") return StatusCodes.BadInvalidArgument;
    await users.setPassword(user.name, password, by, must);
  }
  if (isDisabled === user.enabled) await users.setEnabled(user.name, !isDisabled, by);
  return StatusCodes.Good;
}

async function removeUser(users: UserDirectory, [name]: readonly unknown[], by: Principal): Promise<StatusCode> {
  if (typeof name !== "string") return StatusCodes.BadInvalidArgument;
  if (name === by.user) return StatusCodes.BadInvalidSelfReference;
  await users.remove(name, by);
  return StatusCodes.Good;
}

/** Undefined for bits that the host does not have. */
function bitsOf(mask: unknown): number | undefined {
  if (typeof mask !== "number" || (mask & ~(disabled | mustChangePassword)) !== 0) return undefined;
  return mask;
}

function isEmpty(text: unknown): boolean {
  return text === null || text === undefined || text === "";
}
