import { AttributeIds, DataType, type ExtensionObject, resolveNodeId, type VariantLike } from "node-opcua-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Principal } from "#model/command.ts";
import { text } from "../support/control-server.ts";
import { ScadaClient } from "../support/opcua-client.ts";
import { OpcUaFixture } from "../support/opcua-fixture.ts";

/** Users and their roles, managed over OPC UA with the methods of OPC 10000-18. */

const root: Principal = { user: "root", roles: ["administrator"], origin: "test" };
const management = "i=24290";
const methods = { AddUser: "i=24304", ModifyUser: "i=24306", RemoveUser: "i=24308" };
const roles = {
  Observer: { object: "i=15668", add: "i=15672", remove: "i=15674" },
  Operator: { object: "i=15680", add: "i=15684", remove: "i=15686" },
  Engineer: { object: "i=16036", add: "i=16041", remove: "i=16043" },
  SecurityAdmin: { object: "i=15704", add: "i=15708", remove: "i=15710" },
};

let host: OpcUaFixture;
let admin: ScadaClient;

beforeAll(async () => {
  host = await OpcUaFixture.start({ devices: 1 });
  admin = await host.admin();
}, 60_000);

afterAll(async () => {
  await admin?.[Symbol.asyncDispose]();
  await host?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  const { users } = host.access;
  if (users.find("anna") !== undefined) await users.remove("anna", root);
});

const uint32 = (value: number): VariantLike => ({ dataType: DataType.UInt32, value });
const flag = (value: boolean): VariantLike => ({ dataType: DataType.Boolean, value });

async function manage(method: keyof typeof methods, inputs: VariantLike[], client = admin): Promise<string> {
  return (await client.call(management, methods[method], inputs)).name;
}

const addUser = (name: string, password: string, mask = 0, description = ""): Promise<string> =>
  manage("AddUser", [text(name), text(password), uint32(mask), text(description)]);

function modifyUser(name: string, change: { readonly password?: string; readonly mask?: number }): Promise<string> {
  const { password, mask } = change;
  const given = [flag(password !== undefined), text(password ?? ""), flag(mask !== undefined), uint32(mask ?? 0)];
  return manage("ModifyUser", [text(name), ...given, flag(false), text("")]);
}

async function identity(
  what: "add" | "remove",
  role: keyof typeof roles,
  name: string,
  { client = admin, criteriaType = 1 } = {},
): Promise<string> {
  const dataType = resolveNodeId("i=15634");
  const value = await client.session.constructExtensionObject(dataType, { criteriaType, criteria: name });
  const inputs = [{ dataType: DataType.ExtensionObject, value }];
  return (await client.call(roles[role].object, roles[role][what], inputs)).name;
}

function logIn(name: string, password: string): Promise<boolean> {
  return ScadaClient.connect(host.port, host.folder, { userName: name, password }).then(
    async (client) => {
      await client[Symbol.asyncDispose]();
      return true;
    },
    () => false,
  );
}

describe("UserManagement", () => {
  it("adds, changes, disables and removes users who can then log in, or not", async () => {
    const added = await addUser("anna", "kq7!wpzvxjmr");
    const first = await logIn("anna", "kq7!wpzvxjmr");
    const changed = await modifyUser("anna", { password: "another long word" });
    const second = [await logIn("anna", "kq7!wpzvxjmr"), await logIn("anna", "another long word")];
    const disabled = await modifyUser("anna", { mask: 2 });
    const users = (await admin.read("i=24301")).value.value as (ExtensionObject & {
      userName: string;
      userConfiguration: number;
    })[];
    const third = await logIn("anna", "another long word");
    const removed = await manage("RemoveUser", [text("anna")]);

    expect([added, changed, disabled, removed]).toEqual(["Good", "Good", "Good", "Good"]);
    expect([first, ...second, third]).toEqual([true, false, true, false]);
    expect(users.map(({ userName, userConfiguration }) => `${userName} ${userConfiguration}`)).toEqual([
      "anna 2",
      "admin 0",
      "viewer 0",
    ]);
    expect(host.access.users.find("anna")).toBeUndefined();
  });

  it("says what passwords must be, and takes no other", async () => {
    const range = (await admin.read("i=24302")).value.value as ExtensionObject & { low: number; high: number };
    const options = await admin.read("i=24303");
    const restrictions = await admin.read("i=24291");

    expect([range.low, range.high, options.value.value]).toEqual([10, 256, 3]);
    expect(JSON.stringify(restrictions.value.value)).toContain("At least 10 characters");
    expect(await addUser("anna", "too short")).toBe("BadInvalidArgument");
  });

  it.each<[string, () => Promise<string>, string]>([
    ["a user who is there", () => addUser("viewer", "kq7!wpzvxjmr"), "BadAlreadyExists"],
    ["a description, which is not kept", () => addUser("anna", "kq7!wpzvxjmr", 0, "x"), "BadNotSupported"],
    ["a flag that the host does not have", () => addUser("anna", "kq7!wpzvxjmr", 1), "BadNotSupported"],
    ["an unknown user", () => modifyUser("nobody", { mask: 2 }), "BadNotFound"],
    ["oneself to be disabled", () => modifyUser("admin", { mask: 2 }), "BadInvalidSelfReference"],
    ["oneself to be removed", () => manage("RemoveUser", [text("admin")]), "BadInvalidSelfReference"],
    ["a user of the configuration", () => manage("RemoveUser", [text("viewer")]), "BadRequestNotAllowed"],
  ])("refuses %s", async (_what, attempt, code) => {
    expect(await attempt()).toBe(code);
  });
});

describe("roles", () => {
  it("are given and taken by name, and take effect in open sessions", async () => {
    await host.access.users.add(
      { name: "anna", role: "viewer", password: "kq7!wpzvxjmr", mustChangePassword: false },
      root,
    );
    await using anna = await host.as("anna", "kq7!wpzvxjmr");
    const lock = async (): Promise<boolean> => {
      const nodeId = `ns=${await anna.indexOf("http://opcfoundation.org/UA/DI/")};i=6393`;
      return (await anna.session.read({ nodeId, attributeId: AttributeIds.UserExecutable })).value.value === true;
    };
    const asViewer = await lock();
    const given = await identity("add", "Engineer", "anna");
    const asEngineer = [await lock(), host.access.users.find("anna")?.role];
    const taken = [await identity("remove", "Engineer", "anna"), await identity("remove", "Operator", "anna")];

    expect([given, ...taken]).toEqual(["Good", "Good", "Good"]);
    expect([asViewer, ...asEngineer, await lock()]).toEqual([false, true, "maintenance", false]);
    expect(host.access.users.find("anna")?.role).toBe("viewer");
  });

  it.each<[string, () => Promise<string>, string]>([
    ["a role that the user has", () => identity("add", "Observer", "viewer"), "BadAlreadyExists"],
    ["to take a role that the user has not", () => identity("remove", "Operator", "viewer"), "BadNotFound"],
    ["to take the least role", () => identity("remove", "Observer", "viewer"), "BadRequestNotAllowed"],
    ["an unknown user", () => identity("add", "Operator", "nobody"), "BadInvalidArgument"],
    ["a rule of another kind", () => identity("add", "Operator", "viewer", { criteriaType: 4 }), "BadInvalidArgument"],
    ["a user of the configuration", () => identity("add", "Operator", "viewer"), "BadRequestNotAllowed"],
    ["the last administrator", () => identity("remove", "SecurityAdmin", "admin"), "BadRequestNotAllowed"],
  ])("refuse %s", async (_what, attempt, code) => {
    expect(await attempt()).toBe(code);
  });

  it("are nobody's but the administrators' to give", async () => {
    await using viewer = await host.as("viewer", "look");

    expect(await identity("add", "SecurityAdmin", "viewer", { client: viewer })).toBe("BadUserAccessDenied");
    expect(await manage("RemoveUser", [text("admin")], viewer)).toBe("BadUserAccessDenied");
  });
});
