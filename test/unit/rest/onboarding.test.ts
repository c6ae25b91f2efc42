import { describe, expect, it } from "vitest";
import { FacadeFixture } from "../../support/facade-fixture.ts";

const head = "name,protocol,address,package";
const url = "/api/v1/onboarding/import";

describe("devices in bulk", () => {
  it("are added as a whole after a dry run that changes nothing", async () => {
    await using facade = await FacadeFixture.open();
    const csv = `${head}\nCB-7,sparkplug,G/N/CB-7,test/breaker@1.0.0\n"CB-8",sparkplug,"G/N/CB-8",test/breaker@1.0.0\n`;
    const send = (dryRun: boolean) => facade.as("administrator", { method: "POST", url, payload: { csv, dryRun } });

    const dry = await send(true);
    const before = facade.fleet.registry.size;
    const wet = await send(false);

    expect(dry.json()).toMatchObject({ dryRun: true, added: 0, problems: 0 });
    expect([before, facade.fleet.registry.size]).toEqual([1, 3]);
    expect(wet.json()).toMatchObject({ added: 2 });
    expect(facade.fleet.audit.entries.at(-1)).toMatchObject({ kind: "onboarding", action: "import devices" });
  });

  it("are not added at all when one row is wrong, and each wrong row says why", async () => {
    await using facade = await FacadeFixture.open();
    const rows = [
      "CB-7,sparkplug,G/N/CB-7,test/breaker@1.0.0",
      "CB-7,sparkplug,G/N/other,test/breaker@1.0.0",
      "CB-1,sparkplug,G/N/new,test/breaker@1.0.0",
      "bad/name,sparkplug,x,test/breaker@1.0.0",
      "CB-9,carrier-pigeon,x,test/breaker@1.0.0",
      "CB-10,sparkplug,a/+/b,test/breaker@1.0.0",
      "CB-11,sparkplug,G/N/CB-1,test/breaker@1.0.0",
      "=cmd,sparkplug,y,none@0",
    ];
    const answer = await facade.as("administrator", {
      method: "POST",
      url,
      payload: { csv: [head, ...rows].join("\n"), dryRun: false },
    });
    const body = answer.json<{ problems: number; rows: { line: number; problem: string | null }[] }>();

    expect(body).toMatchObject({ added: 0, problems: 7 });
    expect(body.rows.map(({ line, problem }) => `${line} ${problem === null ? "good" : "wrong"}`)).toEqual(
      rows.map((_row, i) => `${i + 2} ${i === 0 ? "good" : "wrong"}`),
    );
    expect(facade.fleet.registry.size).toBe(1);
  });

  it("are refused when the text is no such table", async () => {
    await using facade = await FacadeFixture.open();
    const codes: string[] = [];
    for (const csv of ["", "name;address\nx;y", `${head}\n"open`]) {
      const answer = await facade.as("administrator", { method: "POST", url, payload: { csv } });
      codes.push(`${answer.statusCode} ${answer.json<{ code: string }>().code}`);
    }

    expect(new Set(codes)).toEqual(new Set(["400 argument-invalid"]));
  });
});
