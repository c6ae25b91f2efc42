import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { argon2Hasher } from "#app/access/argon2-hasher.ts";
import { CertificateFolder } from "#app/access/certificate-folder.ts";
import { runCertificatesCommand } from "#app/access/certificates-command.ts";
import { firstAdministrator } from "#app/access/first-administrator.ts";
import { recordLevel } from "#app/access/recorded-level.ts";
import { runUserCommand } from "#app/access/user-command.ts";
import { UserFile } from "#app/access/user-file.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { memoryAccess } from "../../../support/memory-access.ts";
import { silentLogger } from "../../../support/silent-logger.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fdi-host-access-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function run(command: typeof runUserCommand, ...args: string[]) {
  let out = "";
  let err = "";
  const io = {
    out: (text: string) => (out += text),
    err: (text: string) => (err += text),
    env: { FDI_HOST_DATA: folder },
  };
  return { code: await command(args, io), out, err };
}

const user = (...args: string[]) => run(runUserCommand, ...args);
const certificates = (...args: string[]) => run(runCertificatesCommand, ...args);

describe("fdi user", () => {
  it("adds a user with a password that is shown once and must be changed", async () => {
    const added = await user("add", "anna", "--role", "operator");
    const password = /password: (\S+)/.exec(added.out)?.[1] ?? "";
    const [anna] = await new UserFile(folder).load();

    expect(anna).toMatchObject({ name: "anna", role: "operator", mustChangePassword: true });
    expect(await argon2Hasher.verify(password, anna?.password ?? "")).toBe(true);
    expect(readFileSync(join(folder, "users.json"), "utf8")).not.toContain(password);
    expect(statSync(join(folder, "users.json")).mode & 0o777).toBe(0o600);
  });

  it("takes the password of a program from a file", async () => {
    writeFileSync(join(folder, "secret"), "a long secret of scada-1\n");
    const added = await user("add", "plc", "--role", "viewer", "--keep", "--password-file", join(folder, "secret"));
    const [plc] = await new UserFile(folder).load();

    expect(added.out).not.toContain("long secret");
    expect(plc?.mustChangePassword).toBe(false);
    expect(await argon2Hasher.verify("a long secret of scada-1", plc?.password ?? "")).toBe(true);
  });

  it("lists, changes and removes", async () => {
    await user("add", "root", "--role", "administrator");
    await user("add", "anna", "--role", "operator");
    await user("role", "anna", "maintenance");
    await user("disable", "anna");
    const { out } = await user("list");
    await user("remove", "anna");

    expect(out).toMatch(/anna\s+maintenance\s+disabled, must change the password/);
    expect((await new UserFile(folder).load()).map(({ name }) => name)).toEqual(["root"]);
  });

  it.each([
    [["role", "nobody", "viewer"], 'there is no user "nobody"'],
    [["add", "anna", "--role", "king"], "role king: expected one of viewer, operator, maintenance, administrator"],
    [["remove", "root"], "the last administrator cannot be removed"],
    [["fly"], "fdi user: who may log in"],
  ])("ends with 1 and the reason: %j", async (args, reason) => {
    await user("add", "root", "--role", "administrator");
    const { code, err } = await user(...args);

    expect(code).toBe(1);
    expect(err).toContain(reason);
  });
});

describe("how long passwords must be", () => {
  const add = (length: number, ...more: string[]) => {
    writeFileSync(join(folder, "secret"), "kq7!wpzvxjmr3tdfhnbc".slice(0, length));
    return user("add", `u${length}`, "--role", "viewer", "--password-file", join(folder, "secret"), ...more);
  };

  it("says the configuration, else what the host started with last, else the standard", async () => {
    writeFileSync(join(folder, "host.yaml"), "security: { level: critical }\n");
    const config = ["--config", join(folder, "host.yaml")];
    const standard = [await add(9), await add(10)];
    const configured = [await add(13, ...config), await add(14, ...config)];
    await recordLevel(folder, "enhanced");
    const recorded = [await add(11), await add(12)];

    expect([...standard, ...configured, ...recorded].map(({ code }) => code)).toEqual([1, 0, 1, 0, 1, 0]);
    expect(recorded[0]?.err).toBe("the new password of u11 has 11 characters: expected at least 12\n");
  });

  it("is not guessed when the note of the host is damaged", async () => {
    writeFileSync(join(folder, "security-level"), "none\n");

    const { code, err } = await add(20);

    expect(code).toBe(1);
    expect(err).toContain("security-level is damaged");
  });
});

describe("two programs that change users at the same time", () => {
  it("lose nothing", async () => {
    const names = Array.from({ length: 12 }, (_, i) => `user-${i}`);
    await Promise.all(names.map((name) => user("add", name, "--role", "viewer")));

    expect((await new UserFile(folder).load()).map(({ name }) => name).toSorted()).toEqual(names.toSorted());
  });
});

describe("a file of users that is damaged", () => {
  it.each(["", "{", "[]", '{"users":[{"name":"x"}]}', '{"users":{}}'])("is refused: %j", async (text) => {
    writeFileSync(join(folder, "users.json"), text);

    expect((await failureOf(new UserFile(folder).load())).code).toBe("config-invalid");
  });
});

describe("the first start", () => {
  it("makes an administrator whose password waits in a file until it is changed, and no second one", async () => {
    const { access } = memoryAccess(new FakeClock());
    const first = await firstAdministrator(access, folder, silentLogger());
    const again = await firstAdministrator(access, folder, silentLogger());
    const path = join(folder, "secrets", "admin-one-time-password");
    const kept = readFileSync(path, "utf8").trim();
    const mode = statSync(path).mode & 0o777;
    const caller = { origin: "test", client: "test" };
    await access.changePassword({ name: "admin", password: kept }, "chosen by somebody", caller);

    expect([first?.password, again?.password, mode]).toEqual([kept, undefined, 0o600]);
    expect(await firstAdministrator(access, folder, silentLogger())).toBeUndefined();
    await expect.poll(() => statSync(path, { throwIfNoEntry: false })).toBeUndefined();
  });
});

describe("fdi certificates", () => {
  const fixture = resolve(import.meta.dirname, "../../../fixtures/certificates/scada.pem");
  const rejected = () => join(folder, "pki", "server", "rejected");

  it("shows who tried to connect, and moves it to the trust list and back", async () => {
    mkdirSync(rejected(), { recursive: true });
    copyFileSync(fixture, join(rejected(), "scada.pem"));
    const before = await certificates("list");
    const [thumbprint = ""] = /[0-9a-f]{16}/.exec(before.out) ?? [];
    const trusted = await certificates("trust", thumbprint.slice(0, 8).toUpperCase());
    const after = await certificates("list");
    await certificates("reject", thumbprint);

    expect(before.out).toMatch(/^rejected .*O=Example Plant, CN=scada-7 {2}urn:plant:scada-7$/m);
    expect(trusted.code).toBe(0);
    expect(after.out).toMatch(/^trusted/);
    expect((await certificates("list")).out).toMatch(/^rejected/);
  });

  it("trusts a certificate from a file", async () => {
    await certificates("add", fixture);

    expect((await certificates("list")).out).toMatch(/^trusted .*scada-7/);
  });

  it.each([
    [["trust", "5d41402a"], "no certificate has the thumbprint"],
    [["trust", "5d"], "expected at least the first 8 digits"],
    [["add", "package.json"], "no X.509 certificate"],
    [["list", "--colour"], "Unknown option"],
  ])("ends with 1 and the reason: %j", async (args, reason) => {
    const { code, err } = await certificates(...args);

    expect(code).toBe(1);
    expect(err).toContain(reason);
  });

  it("deletes the oldest of more than a hundred rejected ones, and never a trusted one", async () => {
    await certificates("add", fixture);
    mkdirSync(rejected(), { recursive: true });
    for (let i = 0; i < 103; i += 1) copyFileSync(fixture, join(rejected(), `${i}.pem`));
    const store = new CertificateFolder(join(folder, "pki", "server"));

    expect(await store.prune()).toBe(3);
    expect((await store.list()).filter(({ state }) => state === "trusted")).toHaveLength(1);
  });
});
