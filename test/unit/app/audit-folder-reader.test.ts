import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { AuditFile } from "#app/audit/audit-file.ts";
import { AuditFolderReader } from "#app/audit/audit-folder-reader.ts";
import type { AuditEntry } from "#model/audit-entry.ts";
import { FakeClock } from "../../support/fake-clock.ts";

it("reads the audit newest first over its segments, filtered, a page at a time, and tells that it is intact", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fdi-host-audit-"));
  try {
    const clock = new FakeClock();
    {
      await using audit = new AuditFile({ folder, clock, keyPath: join(folder, "key") });
      for (let i = 1; i <= 6; i += 1) {
        const about = { commandId: String(i), user: i % 2 === 0 ? "anna" : "ben", origin: "test", device: "CB-1" };
        const entry: AuditEntry = { at: clock.now(), kind: "intent", ...about, action: "Trip" };
        await audit.record(entry);
        clock.advance(12 * 3_600_000);
      }
    }
    const reader = new AuditFolderReader(folder);

    const first = await reader.query({ limit: 4 });
    const second = await reader.query({ limit: 4, before: first.next });
    const own = await reader.query({ limit: 10, user: "anna" });
    const recent = await reader.query({ limit: 10, from: clock.now() - 25 * 3_600_000 });

    expect(first.entries.map(({ seq }) => seq)).toEqual([6, 5, 4, 3]);
    expect(second).toMatchObject({ entries: [{ seq: 2 }, { seq: 1 }], next: undefined });
    expect(own.entries.map(({ fields }) => fields["commandId"])).toEqual(["6", "4", "2"]);
    expect(recent.entries.map(({ seq }) => seq)).toEqual([6, 5]);
    expect(first.entries[0]?.fields).not.toHaveProperty("mac");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
