import { DataType, DataValue, HistoryData, ReadRawModifiedDetails, resolveNodeId, Variant } from "node-opcua-client";
import { beforeAll, expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";
import { codesOf, dataOf, performs, readHistory, structure, updateHistory } from "./history.ts";

const parameter = "ns=1;s=CB-0012/CurrentPhaseA";
const annotations = `${parameter}/Annotations`;
const noon = Date.UTC(2026, 2, 1, 12);

conformanceUnit("Historical Access Annotations", (context) => {
  beforeAll(async () => {
    await context().fixture.historian();
  });

  async function annotate(mode: keyof typeof performs, offset: number, message: string) {
    const { client } = context();
    const value = await structure(client, "Annotation", { message, userName: "ada", annotationTime: new Date(noon) });
    return updateHistory(client, "UpdateStructureDataDetails", {
      nodeId: resolveNodeId(annotations),
      performInsertReplace: performs[mode],
      updateValues: [
        new DataValue({
          value: new Variant({ dataType: DataType.ExtensionObject, value }),
          sourceTimestamp: new Date(noon + offset),
        }),
      ],
    });
  }

  const messagesOf = (values: readonly DataValue[]) =>
    values.map(({ value }) => (value.value as { readonly message?: string } | null)?.message);

  it("are written to and read from the Annotations property of a parameter", async () => {
    const inserted = await annotate("insert", 0, "tripped by a visitor");
    const again = await annotate("insert", 0, "no");
    const replaced = await annotate("replace", 0, "tripped by a guest");
    await annotate("insert", 1000, "closed again");

    expect([inserted, again, replaced].flatMap(codesOf)).toEqual([
      "GoodEntryInserted",
      "BadEntryExists",
      "GoodEntryReplaced",
    ]);
    const [result] = await readHistory(
      context().client,
      new ReadRawModifiedDetails({ startTime: new Date(noon), endTime: new Date(noon + 5000), isReadModified: false }),
      [annotations],
    );
    expect(result?.historyData).toBeInstanceOf(HistoryData);
    expect(messagesOf(dataOf(result))).toEqual(["tripped by a guest", "closed again"]);
  });

  it("are read at instants of the parameter itself", async () => {
    const { client } = context();
    const reqTimes = [noon + 1000, noon + 1].map((time) => new Date(time));
    const details = await structure(client, "ReadAnnotationDataDetails", { reqTimes });

    const [result] = await readHistory(client, details, [parameter]);

    expect(messagesOf(dataOf(result))).toEqual(["closed again", undefined]);
    expect(dataOf(result)[1]?.statusCode.name).toBe("BadNoData");
  });

  it("show as a property of the parameter from the first one on", async () => {
    const { references } = await context().client.session.browse(parameter);
    const names = (references ?? []).map(({ browseName }) => browseName.name);

    expect(names).toContain("Annotations");
  });
});
