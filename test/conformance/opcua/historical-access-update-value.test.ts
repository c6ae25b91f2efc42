import { DataType, DataValue, resolveNodeId, StatusCodes, Variant } from "node-opcua-client";
import { beforeAll, expect, it } from "vitest";
import { ScadaClient } from "../../support/opcua-client.ts";
import { conformanceUnit } from "./conformance.ts";
import { codesOf, numbersOf, performs, readRaw, updateHistory, writeValues } from "./history.ts";

const node = "ns=1;s=CB-0012/CurrentPhaseA";
const noon = Date.UTC(2026, 2, 1, 12);

conformanceUnit("Historical Access Update Value", (context) => {
  beforeAll(async () => {
    await context().fixture.historian();
  });

  it("inserts and replaces, and says of each value which", async () => {
    const { client } = context();

    const first = await writeValues(client, node, "update", [
      [noon + 1000, 1],
      [noon, 0],
    ]);
    const second = await writeValues(client, node, "update", [
      [noon, 5],
      [noon + 2000, 2],
    ]);

    expect(codesOf(first)).toEqual(["GoodEntryInserted", "GoodEntryInserted"]);
    expect(codesOf(second)).toEqual(["GoodEntryReplaced", "GoodEntryInserted"]);
    const [result] = await readRaw(client, [node], { from: noon, to: noon + 10_000 });
    expect(numbersOf(result)).toEqual([5, 1, 2]);
  });

  it("refuses values of another type or without a time, and takes the others", async () => {
    const { client } = context();
    const value = (dataType: DataType, at: number | undefined) =>
      new DataValue({
        value: new Variant({ dataType, value: 7 }),
        statusCode: StatusCodes.Good,
        ...(at === undefined ? {} : { sourceTimestamp: new Date(at) }),
      });

    const result = await updateHistory(client, "UpdateDataDetails", {
      nodeId: resolveNodeId(node),
      performInsertReplace: performs.update,
      updateValues: [
        value(DataType.Double, noon + 3000),
        value(DataType.Float, undefined),
        value(DataType.Float, noon + 4000),
      ],
    });

    expect(codesOf(result)).toEqual(["BadTypeMismatch", "BadInvalidTimestamp", "GoodEntryInserted"]);
  });

  it("is for administrators, shows in the access level, and is in the audit with who did it", async () => {
    const { client, fixture } = context();
    await using viewer = await ScadaClient.connect(fixture.port, fixture.folder, {
      userName: "viewer",
      password: "look",
    });

    const result = await writeValues(viewer, node, "update", [[noon, 99]]);
    await writeValues(client, node, "update", [[noon + 5000, 1]]);

    expect(result.statusCode.name).toBe("BadUserAccessDenied");
    const level = async (by: ScadaClient) =>
      Number((await by.session.read({ nodeId: node, attributeId: 18 })).value.value) & 0x0c;
    expect([await level(client), await level(viewer)]).toEqual([0x0c, 0x04]);
    const entries = fixture.fleet.audit.entries.filter(({ action }) => action === "update history of CurrentPhaseA");
    const lines = entries
      .slice(-3)
      .map(({ kind, user, detail }) => `${kind} ${user} ${kind === "outcome" ? detail : ""}`);
    expect(lines).toEqual(["refused viewer ", "intent admin ", "outcome admin 1 inserted"]);
  });
});
