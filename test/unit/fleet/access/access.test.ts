import { beforeEach, describe, expect, it } from "vitest";
import type { Access } from "#fleet/access/access.ts";
import { LockedOut } from "#fleet/access/lockout.ts";
import type { Principal } from "#model/command.ts";
import type { HostError } from "#model/errors.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { fixedUser, memoryAccess, plainHasher } from "../../../support/memory-access.ts";
import type { MemoryAudit } from "../../../support/memory-audit.ts";

const root: Principal = { user: "root", roles: ["administrator"], origin: "test" };
const here = { origin: "http 10.0.0.7", client: "10.0.0.7" };
const elsewhere = { origin: "http 10.0.0.8", client: "10.0.0.8" };

let clock: FakeClock;
let access: Access;
let audit: MemoryAudit;

beforeEach(async () => {
  clock = new FakeClock();
  ({ access, audit } = memoryAccess(clock));
  await access.users.load([fixedUser("root", "administrator", "the root password")]);
  await access.users.add(
    { name: "anna", role: "operator", password: "correct horse", mustChangePassword: false },
    root,
  );
});

const right = { name: "anna", password: "correct horse" };
const wrong = { name: "anna", password: "wrong horse" };

async function failTimes(count: number, credentials = wrong, caller = here): Promise<HostError[]> {
  const failures: HostError[] = [];
  for (let i = 0; i < count; i += 1) failures.push(await failureOf(access.authenticate(credentials, caller)));
  return failures;
}

describe("logins", () => {
  it("lets in who knows the password, with the role of the user", async () => {
    expect(await access.authenticate(right, here)).toEqual({
      user: "anna",
      role: "operator",
      roles: ["operator"],
      mustChangePassword: false,
    });
  });

  it("answers an unknown user in the words of a wrong password, after the same proof", async () => {
    const before = plainHasher.proofs;
    const [known] = await failTimes(1);
    const between = plainHasher.proofs;
    const [unknown] = await failTimes(1, { name: "nobody", password: "wrong horse" });

    expect(known?.code).toBe("not-authenticated");
    expect(String(unknown)).toBe(String(known));
    expect(plainHasher.proofs - between).toBe(between - before);
  });

  it("locks a client out at its fifth wrong login, also for the right password, and nobody else", async () => {
    const failures = await failTimes(5);

    expect(failures.map(({ code }) => code)).toEqual([
      ...Array.from({ length: 4 }, () => "not-authenticated"),
      "locked-out",
    ]);
    expect((await failureOf(access.authenticate(right, here))).code).toBe("locked-out");
    expect((await access.authenticate(right, elsewhere)).user).toBe("anna");
  });

  it("counts wrong logins of one client over all names", async () => {
    const names = ["a", "b", "c", "d", "e"];
    for (const name of names) await failTimes(1, { name, password: "guess" });

    expect((await failureOf(access.authenticate(right, here))).code).toBe("locked-out");
  });

  it("does not let an attacker clear the count with a login of his own", async () => {
    await failTimes(4, { name: "root", password: "guess" });
    await access.authenticate(right, here);

    expect((await failTimes(1, { name: "root", password: "guess" }))[0]?.code).toBe("locked-out");
  });

  it("counts logins that arrive together one by one", async () => {
    const failures = await Promise.all(Array.from({ length: 12 }, () => failureOf(access.authenticate(wrong, here))));

    expect(failures.filter(({ code }) => code === "not-authenticated")).toHaveLength(4);
  });

  it("lets a client try again after a minute, then locks it out for twice as long", async () => {
    await failTimes(5);
    clock.advance(60_000);
    const again = await failTimes(5);
    const last = again[4];

    expect(again[0]?.code).toBe("not-authenticated");
    expect(last instanceof LockedOut ? last.retryAfterMs : undefined).toBe(120_000);
  });

  it("audits every login, refused ones and the lock-out, without any password", async () => {
    await access.authenticate(right, here);
    await failTimes(5);

    expect(audit.lines.slice(1)).toEqual([
      "session log in",
      ...Array.from({ length: 5 }, () => "session log in refused"),
      "session client locked out",
    ]);
    expect(JSON.stringify(audit.entries)).not.toMatch(/horse/);
  });

  it("refuses a disabled user as if there were none", async () => {
    await access.users.setEnabled("anna", false, root);

    expect((await failTimes(1, right))[0]?.code).toBe("not-authenticated");
  });

  it("gives no role until a password that was handed out is changed", async () => {
    await access.users.setPassword("anna", "handed out word", root);
    const first = await access.login({ name: "anna", password: "handed out word" }, here);
    await access.changePassword({ name: "anna", password: "handed out word" }, "a word of my own", here, "session s1");

    expect(first.identity).toEqual({ user: "anna", role: "operator", roles: [], mustChangePassword: true });
    expect(access.resolve(first.token)?.principal.roles).toEqual(["operator"]);
  });
});

describe("certificates of users", () => {
  const certificate = { thumbprint: "ab".repeat(32), subject: "CN=anna", notAfter: 9e12 };

  it("let in the user they belong to, and only while they do", async () => {
    await access.users.addCertificate("anna", certificate, root);
    const identity = access.authenticateCertificate(certificate.thumbprint, here);
    await access.users.removeCertificate("anna", certificate.thumbprint, root);

    expect(identity.roles).toEqual(["operator"]);
    expect(() => access.authenticateCertificate(certificate.thumbprint, here)).toThrow("wrong name or password");
  });
});

describe("sessions", () => {
  it("resolve to the user's present role", async () => {
    const { token } = await access.login(right, here);
    await access.users.setRole("anna", "viewer", root);

    expect(access.resolve(token)?.principal).toEqual({
      user: "anna",
      roles: ["viewer"],
      origin: "http 10.0.0.7",
      session: "session s1",
      application: "",
    });
  });

  it("open nothing by an altered token, or by the digest that is kept", async () => {
    const { token } = await access.login(right, here);

    expect(access.resolve(`${token}x`)).toBeUndefined();
    expect(access.resolve(`digest of ${token}`)).toBeUndefined();
  });

  it("end when nobody uses them, and after their life in any case", async () => {
    const idle = await access.login(right, here);
    clock.advance(60_000);
    const used = await access.login(right, here);
    for (let i = 0; i < 10; i += 1) {
      clock.advance(59_000);
      access.resolve(used.token);
    }
    const inTime = access.resolve(used.token);
    clock.advance(10_000);

    expect(access.resolve(idle.token)).toBeUndefined();
    expect(inTime?.identity.user).toBe("anna");
    expect(access.resolve(used.token)).toBeUndefined();
  });

  it("end when their time is over, whether somebody looks or not", async () => {
    const ended: string[] = [];
    access.sessions.onEnd(({ id }, end) => ended.push(`${id} ${end} at ${clock.now() - start}`));
    const start = clock.now();
    await access.login(right, here);
    const used = await access.login(right, here);
    clock.advance(30_000);
    access.resolve(used.token);
    clock.advance(3_600_000);

    expect(ended).toEqual(["s1 expired at 60000", "s2 expired at 90000"]);
    expect(clock.pending).toBe(0);
  });

  it("end with the password they rest on, but for the one in which the user chose another", async () => {
    const [first, second] = [await access.login(right, here), await access.login(right, here)];
    await access.changePassword(right, "a word of my own", here, "session s1");
    const chosen = [first, second].map(({ token }) => access.resolve(token)?.identity.user);
    await access.users.setPassword("anna", "handed out word", root, false);

    expect(chosen).toEqual(["anna", undefined]);
    expect(access.resolve(first.token)).toBeUndefined();
  });

  it("end with a logout, with the user, and the oldest when a user opens too many", async () => {
    const ended: string[] = [];
    access.sessions.onEnd(({ id }, end) => ended.push(`${id} ${end}`));
    const first = await access.login(right, here);
    for (let i = 0; i < 3; i += 1) await access.login(right, here);
    access.logout("s2", root);
    await access.users.remove("anna", root);

    expect(ended).toEqual(["s1 withdrawn", "s2 closed", "s3 withdrawn", "s4 withdrawn"]);
    expect(access.resolve(first.token)).toBeUndefined();
    expect(JSON.stringify(access.sessions.list())).not.toMatch(/token/);
  });
});
