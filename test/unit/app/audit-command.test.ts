import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runAuditCommand } from "#app/audit/audit-command.ts";
import { AuditFile } from "#app/audit/audit-file.ts";
import { FakeClock } from "../../support/fake-clock.ts";

let data = "";

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "fdi-host-audit-"));
  const clock = new FakeClock();
  await using audit = new AuditFile({ folder: join(data, "audit"), clock });
  await audit.start();
  await audit.record({
    at: clock.now(),
    kind: "intent",
    commandId: "7",
    user: "anna",
    origin: "opc.tcp 10.0.0.7:50124",
    device: "CB-1",
    action: "Trip",
  });
});

afterEach(() => rm(data, { recursive: true, force: true }));

async function run(...args: string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const printed = { out: "", err: "" };
  const code = await runAuditCommand(args, {
    out: (text) => (printed.out += text),
    err: (text) => (printed.err += text),
    env: { FDI_HOST_DATA: data },
  });
  return { code, ...printed };
}

describe("fdi audit verify", () => {
  it("says that the audit of the data folder is intact, and which outcomes are unknown", async () => {
    const { anchor } = JSON.parse((await run("verify", "--json")).out) as { readonly anchor: string };

    expect(await run("verify", "--anchor", anchor)).toEqual({
      code: 0,
      out:
        `intact: 2 entries in 1 segments\nanchor: ${anchor}\n` +
        "outcome unknown: 2026-01-01T12:00:00.000Z Trip CB-1 by anna (opc.tcp 10.0.0.7:50124)\n",
      err: "",
    });
  });

  it("ends with 1 and the place of the first bad entry, for people and for machines", async () => {
    const path = join(data, "audit", "audit-2026-01-01.jsonl");
    await writeFile(path, (await readFile(path, "utf8")).replace("anna", "otto"));

    const { code, out } = await run("verify", join(data, "audit"));
    expect(code).toBe(1);
    expect(out).toBe(
      "NOT INTACT: audit-2026-01-01.jsonl line 2: entry 2 was altered, or one before it was replaced\n" +
        "the 1 entries before it are as they were written\n",
    );
    expect(JSON.parse((await run("verify", "--json")).out)).toMatchObject({
      intact: false,
      fault: { line: 2, entry: 2 },
    });
  });

  it("ends with 2 when there is nothing to check, no key, or no such command", async () => {
    expect((await run("verify", join(data, "elsewhere"))).code).toBe(2);
    expect((await run("verify", "--key", join(data, "no.key"))).code).toBe(2);
    expect((await run("verify", "--anchor", "7")).err).toContain("an anchor is NUMBER:MAC");
    expect((await run("forget")).code).toBe(2);
    expect((await run("--help")).code).toBe(0);
  });
});
