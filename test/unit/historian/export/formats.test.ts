import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { describe, expect, it } from "vitest";
import type { ExportFormat, ExportQuery } from "#fleet/history-export.ts";
import type { HistoryPage, RawHistoryQuery } from "#fleet/ports.ts";
import { exportHistory } from "#historian/export/export-history.ts";
import type { ExportSources } from "#historian/export/history-table.ts";
import { deviceId } from "#model/ids.ts";
import { testEvent } from "../../../support/test-events.ts";

const t0 = Date.UTC(2026, 0, 1);
const bad = 0x80000000;

/** Pages of a series: [time, value, text] per row; the rest of its rows comes with the next page. */
function sources(pages: readonly (readonly (readonly [number, number, string?])[])[], asked: RawHistoryQuery[] = []) {
  const source: ExportSources = {
    listSeries: async () => [
      { key: "CB-1/P", device: "CB-1", parameter: "P", dataType: "double", unit: "AMP" },
      { key: "CB-2/P", device: "CB-2", parameter: "P", dataType: "double", unit: "" },
    ],
    history: {
      raw: async (query): Promise<HistoryPage> => {
        const rows = pages[asked.push(query) - 1] ?? [];
        return {
          times: Float64Array.from(rows, ([time]) => t0 + time),
          values: Float64Array.from(rows, ([, value]) => value),
          texts: rows.some(([, , text]) => text !== undefined) ? rows.map(([, , text]) => text) : undefined,
          qualities: Uint32Array.from(rows, ([, value]) => (Number.isNaN(value) ? bad : 0)),
          more: asked.length < pages.length,
        };
      },
      processed: async () => ({
        times: Float64Array.of(t0, t0 + 1000),
        values: Float64Array.of(1.5, Number.NaN),
        statuses: Uint32Array.of(0x400, bad),
      }),
    },
    events: { append: () => undefined, read: async () => ({ events: [testEvent(1, t0)], next: undefined }) },
  };
  return source;
}

const raw: ExportQuery = { kind: "raw", devices: undefined, parameters: undefined, from: undefined, to: undefined };

async function bytesOf(query: ExportQuery, format: ExportFormat, from: ExportSources): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of exportHistory(query, format, from)) pieces.push(piece);
  return Buffer.concat(pieces);
}

const textOf = async (query: ExportQuery, format: ExportFormat, from: ExportSources): Promise<string> =>
  Buffer.from(await bytesOf(query, format, from)).toString("utf8");

const awkward = [
  [
    [0, 0.1],
    [0.125, Number.NaN, 'say "no", ü\n'],
    [2, Number.POSITIVE_INFINITY],
  ],
] as const;

describe("exports", () => {
  it("are CSV with a header, ISO times to the microsecond and quoted texts", async () => {
    const query: ExportQuery = { ...raw, devices: [deviceId("CB-1")] };

    expect(await textOf(query, "csv", sources(awkward))).toBe(
      [
        "time,device,parameter,unit,value,text,quality,status",
        "2026-01-01T00:00:00.000Z,CB-1,P,AMP,0.1,,Good,0",
        '2026-01-01T00:00:00.000125Z,CB-1,P,AMP,,"say ""no"", ü\n",Bad,2147483648',
        "2026-01-01T00:00:00.002Z,CB-1,P,AMP,Infinity,,Good,0",
        "",
      ].join("\r\n"),
    );
  });

  it("are CSV in which no text is a formula, and no number is touched", async () => {
    const texts = [
      "=cmd|' /C calc'!A0",
      "+1",
      "-2+3",
      "@SUM(A1)",
      "\t=1",
      "\r=1",
      "\n=1",
      "\uff1d1",
      "a=1",
      "<script>",
    ];
    const rows = texts.map((text, i): [number, number, string] => [i, -1.5, text]);

    const lines = (await textOf({ ...raw, devices: [deviceId("CB-1")] }, "csv", sources([rows]))).split("Good,0");

    expect(lines.slice(0, -1).map((line) => line.slice(line.indexOf("AMP,") + "AMP,".length))).toEqual([
      "-1.5,'=cmd|' /C calc'!A0,",
      "-1.5,'+1,",
      "-1.5,'-2+3,",
      "-1.5,'@SUM(A1),",
      "-1.5,'\t=1,",
      '-1.5,"\'\r=1",',
      '-1.5,"\'\n=1",',
      "-1.5,'\uff1d1,",
      "-1.5,a=1,",
      "-1.5,<script>,",
    ]);
  });

  it("are JSON that every reader takes", async () => {
    const rows = JSON.parse(await textOf(raw, "json", sources(awkward))) as unknown[];

    expect(rows[1]).toEqual({
      time: "2026-01-01T00:00:00.000125Z",
      device: "CB-1",
      parameter: "P",
      unit: "AMP",
      value: null,
      text: 'say "no", ü\n',
      quality: "Bad",
      status: bad,
    });
    expect(rows[2]).toMatchObject({ value: "Infinity", text: null });
    expect(JSON.parse(await textOf(raw, "json", sources([])))).toEqual([]);
  });

  it("are Parquet that another reader reads, a row group per page", async () => {
    const pages = [[[0, 0.1]], [[0.125, Number.NaN, "ü"]]] as const;

    const file = Uint8Array.from(await bytesOf(raw, "parquet", sources(pages))).buffer;

    expect(await parquetReadObjects({ file })).toEqual([
      {
        time: new Date(t0),
        device: "CB-1",
        parameter: "P",
        unit: "AMP",
        value: 0.1,
        text: null,
        quality: "Good",
        status: 0n,
      },
      expect.objectContaining({ value: null, text: "ü", quality: "Bad", status: BigInt(bad) }),
    ]);
    expect(parquetMetadata(file).row_groups).toHaveLength(2);
  });

  it("are a valid Parquet file also when there is nothing in it", async () => {
    const file = Uint8Array.from(await bytesOf(raw, "parquet", sources([]))).buffer;

    expect(await parquetReadObjects({ file })).toEqual([]);
    expect(parquetMetadata(file).schema.map(({ name }) => name)).toContain("value");
  });

  it("ask for the next page only when the one before was taken, and go on behind its last time", async () => {
    const asked: RawHistoryQuery[] = [];
    const pieces = exportHistory(raw, "csv", sources([[[0, 1]], [[5, 2]]], asked))[Symbol.asyncIterator]();
    await pieces.next();
    expect(asked).toHaveLength(0);
    await pieces.next();
    expect(asked).toHaveLength(1);
    await pieces.next();

    expect(asked.map(({ after }) => after)).toEqual([undefined, t0]);
  });

  it("hold aggregates and events as well", async () => {
    const configuration = {
      treatUncertainAsBad: true,
      percentDataBad: 100,
      percentDataGood: 100,
      useSlopedExtrapolation: false,
    };
    const processed: ExportQuery = {
      ...raw,
      kind: "processed",
      from: t0,
      to: t0 + 2000,
      aggregate: "Average",
      processingIntervalMs: 1000,
      stepped: false,
      configuration,
    };

    expect((await textOf(processed, "csv", sources([]))).split("\r\n").slice(1, 3)).toEqual([
      "2026-01-01T00:00:00.000Z,CB-1,P,AMP,1.5,Good,1024",
      "2026-01-01T00:00:01.000Z,CB-1,P,AMP,,Bad,2147483648",
    ]);
    expect((await textOf({ ...raw, kind: "events" }, "csv", sources([]))).split("\r\n")[1]).toBe(
      `2026-01-01T00:00:00.000Z,2026-01-01T00:00:00.000Z,CB-1,active,Overtemperature,700,"81 °C, 1",,${"1".padStart(32, "0")}`,
    );
  });
});
