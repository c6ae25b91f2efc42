import { PassThrough } from "node:stream";
import type { Connection } from "pg";
import { describe, expect, it } from "vitest";
import { CopyRowsDecoder } from "#historian/codec/pg-copy-rows.ts";
import { CopyOut } from "#historian/store/pg-copy-out.ts";

// PostgreSQL 15: COPY (SELECT 7, TIMESTAMPTZ '2026-01-01 00:00:00.000001Z', 1.5::float8, -2147483648, NULL::text,
// TIMESTAMPTZ '2026-01-02Z' UNION ALL SELECT 8, '2026-01-01Z', NULL, 0, 'ä', NULL) TO STDOUT (FORMAT binary).
const rows = [
  "5047434f50590aff0d0a00000000000000000000060000000400000007000000080002ea470ae86001000000083ff80000000000000000000480000000ffffffff000000080002ea5b28bfc000",
  "00060000000400000008000000080002ea470ae86000ffffffff000000040000000000000002c3a4ffffffff",
  "ffff",
];

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, "latin1");
  head.writeInt32BE(4 + body.length, 1);
  return Buffer.concat([head, body]);
}

const copyOutResponse = message("H", Buffer.from("0100060001000100010001000100", "hex"));
const notice = message("N", Buffer.from("SNOTICE\0\0"));
const copied = rows.map((row) => message("d", Buffer.from(row, "hex")));
const end = Buffer.concat([
  message("c", Buffer.alloc(0)),
  message("C", Buffer.from("COPY 2\0")),
  message("Z", Buffer.from("I")),
]);

/** What the decoder and pg's own reader get when the server's answer comes in pieces of `size` bytes. */
function receive(answer: Buffer, size: number) {
  const stream = new PassThrough();
  const passedOn: Buffer[] = [];
  stream.on("data", (bytes: Buffer) => passedOn.push(bytes));
  const decoder = new CopyRowsDecoder(1);
  const copy = new CopyOut("COPY", (messages) => decoder.add(messages));
  copy.submit({ stream, query: () => undefined } as unknown as Connection);
  for (let at = 0; at < answer.length; at += size) stream.emit("data", answer.subarray(at, at + size));
  stream.emit("data", Buffer.from("next"));
  return { columns: decoder.take(), passedOn: Buffer.concat(passedOn).toString("latin1") };
}

describe("CopyOut", () => {
  const answer = Buffer.concat([copyOutResponse, copied[0] ?? copyOutResponse, notice, ...copied.slice(1), end]);

  it("gives every row, and pg everything else in order, wherever the answer is cut", () => {
    for (let size = 1; size <= answer.length; size += 1) {
      const { columns, passedOn } = receive(answer, size);

      expect([...columns.series]).toEqual([7, 8]);
      expect([...columns.times]).toEqual([Date.UTC(2026, 0, 1) + 0.001, Date.UTC(2026, 0, 1)]);
      expect([...columns.values]).toEqual([1.5, Number.NaN]);
      expect([...columns.statuses]).toEqual([-0x80000000, 0]);
      expect(columns.texts).toEqual([undefined, "ä"]);
      expect([...(columns.serverTimes ?? [])]).toEqual([Date.UTC(2026, 0, 2), Number.NaN]);
      expect(passedOn).toBe(Buffer.concat([copyOutResponse, notice, end, Buffer.from("next")]).toString("latin1"));
    }
  });

  it("leaves an error in the middle to pg", () => {
    const error = message("E", Buffer.from("SERROR\0C57014\0Mcanceling statement\0\0"));
    const failed = Buffer.concat([copyOutResponse, copied[0] ?? copyOutResponse, error]);

    const { columns, passedOn } = receive(failed, 7);

    expect(columns.size).toBe(1);
    expect(passedOn).toBe(Buffer.concat([copyOutResponse, error, Buffer.from("next")]).toString("latin1"));
  });
});
