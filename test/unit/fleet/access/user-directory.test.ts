import { beforeEach, describe, expect, it } from "vitest";
import type { Access } from "#fleet/access/access.ts";
import type { UserDirectory } from "#fleet/access/user-directory.ts";
import type { Principal } from "#model/command.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { fixedUser, type MemoryUsers, memoryAccess } from "../../../support/memory-access.ts";
import type { MemoryAudit } from "../../../support/memory-audit.ts";

const root: Principal = { user: "root", roles: ["administrator"], origin: "test" };
const maintainer: Principal = { user: "max", roles: ["maintenance"], origin: "test" };

let access: Access;
let users: UserDirectory;
let audit: MemoryAudit;
let store: MemoryUsers;

beforeEach(async () => {
  ({ access, audit, store } = memoryAccess(new FakeClock()));
  ({ users } = access);
  await users.load([fixedUser("plant", "viewer", "from the file")]);
  await users.add({ name: "anna", role: "administrator", password: "correct horse" }, root);
});

describe("the user directory", () => {
  it("lets nobody but an administrator change anything", async () => {
    const attempts = [
      users.add({ name: "eve", role: "viewer", password: undefined }, maintainer),
      users.setPassword("anna", "another password", maintainer),
      users.setRole("anna", "viewer", maintainer),
      users.setEnabled("anna", false, maintainer),
      users.remove("anna", maintainer),
      users.addCertificate("anna", { thumbprint: "00", subject: "CN=eve", notAfter: 0 }, maintainer),
      users.removeCertificate("anna", "00", maintainer),
    ];

    expect((await Promise.all(attempts.map(failureOf))).map(({ code }) => code)).toEqual(
      attempts.map(() => "access-denied"),
    );
    expect(store.users.map(({ name }) => name)).toEqual(["anna"]);
  });

  it("never gives a password away, and keeps it only in the hasher's form", () => {
    expect(JSON.stringify(users.all())).not.toMatch(/horse/);
    expect(store.users[0]?.password).toBe("plain:correct horse");
  });

  it("makes who was given a password choose another", () => {
    expect(users.find("anna")?.mustChangePassword).toBe(true);
  });

  it("keeps the last administrator", async () => {
    const attempts = [users.remove("anna", root), users.setRole("anna", "viewer", root)];

    expect((await Promise.all(attempts.map(failureOf))).map(({ code }) => code)).toEqual([
      "rule-violated",
      "rule-violated",
    ]);
    expect(users.hasAdministrator).toBe(true);
  });

  it("leaves users of the configuration to the configuration", async () => {
    expect((await failureOf(users.setRole("plant", "administrator", root))).code).toBe("not-writable");
    expect((await failureOf(users.add({ name: "Plant", role: "viewer", password: undefined }, root))).code).toBe(
      "user-exists",
    );
  });

  it.each(["", "anonymous", "a/b", "../etc", "a b", "x".repeat(65), "a\nb", "<b>"])(
    "takes no user named %j",
    async (name) => {
      expect((await failureOf(users.add({ name, role: "viewer", password: undefined }, root))).code).toBe(
        "argument-invalid",
      );
    },
  );

  it.each(["short", "bobbobbobbob1", "aaaaaaaaaaaaaaa", "Password123456", "administrator1", "x".repeat(300)])(
    "takes no password like %j, and does not repeat it",
    async (password) => {
      const failure = await failureOf(users.add({ name: "bob", role: "viewer", password }, root));

      expect(failure.code).toBe("argument-invalid");
      expect(String(failure)).not.toContain(password);
    },
  );

  it("follows what another program wrote into the store", async () => {
    store.users = store.users.map((user) => ({ ...user, role: "viewer" as const }));
    const changed: string[] = [];
    users.onChange(({ name }) => changed.push(name));
    await users.reload();

    expect(changed).toEqual(["anna"]);
    expect(access.identityOf("plant")?.roles).toEqual(["viewer"]);
    expect(users.find("anna")?.role).toBe("viewer");
  });

  it("audits who changed which user", async () => {
    await users.add({ name: "bob", role: "operator", password: undefined }, root);
    await users.setRole("bob", "viewer", root);
    await users.remove("bob", root);

    expect(audit.lines.slice(1)).toEqual(["user add user bob", "user set role of bob", "user remove user bob"]);
    expect(audit.entries.at(-1)?.user).toBe("root");
  });
});
