import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AlarmFile } from "#app/alarm-file.ts";
import { normalState } from "#fleet/alarms/alarm-states.ts";
import type { KeptAlarm } from "#fleet/alarms/ports.ts";
import { failureOf } from "../../support/failure-of.ts";

const normal = normalState({ severity: 500, message: "Too much." });
const none = (): readonly KeptAlarm[] => [];

function active(id: string, at = 5): KeptAlarm {
  return { id, state: { ...normal, active: true, acknowledged: false, activeAt: at, changedAt: at } };
}

describe("the file of alarm states", () => {
  let folder = "";
  let path = "";

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "alarm-file-"));
    path = join(folder, "alarms", "states.jsonl");
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it("gives back the newest state of each alarm", async () => {
    const file = new AlarmFile(folder);
    await file.load();
    await file.save([active("CB-1/A"), active("CB-1/B")], none);
    await file.save([{ id: "CB-1/A", state: undefined }, active("CB-1/B", 9)], none);

    expect(await new AlarmFile(folder).load()).toEqual([active("CB-1/B", 9)]);
  });

  it("passes over a line that a power failure left unfinished", async () => {
    const file = new AlarmFile(folder);
    await file.load();
    await file.save([active("CB-1/A")], none);
    await appendFile(path, '{"id":"CB-1/B","sta');

    expect(await new AlarmFile(folder).load()).toEqual([active("CB-1/A")]);
  });

  it("refuses a damaged file with the line and what to do", async () => {
    await new AlarmFile(folder).load();
    for (const line of ['{"id":"CB-1/A","state":{"active":"yes"}}', "null", "{}", "x"]) {
      await writeFile(path, `${line}\n`);
      const failure = await failureOf(new AlarmFile(folder).load());
      expect(failure.code).toBe("config-invalid");
      expect(failure.message).toMatch(/states\.jsonl:1 .*remove it/);
    }
  });

  it("does not grow without end", async () => {
    const file = new AlarmFile(folder);
    await file.load();
    const many = Array.from({ length: 10_000 }, (_, i) => active(`CB-${i}/A`));

    for (let round = 0; round < 3; round += 1) await file.save(many, () => [active("CB-1/A")]);

    expect((await readFile(path, "utf8")).split("\n")).toHaveLength(2);
  });
});
