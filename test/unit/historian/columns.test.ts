import { expect, it } from "vitest";
import { ColumnCollector, concatColumns } from "#historian/columns.ts";

it("texts stay with their samples when batches are put together", () => {
  const first = new ColumnCollector(4);
  first.add(1, 1_000, 12.5, 0);
  first.add(2, 1_000, Number.NaN, 0);
  first.setText("None");
  const second = new ColumnCollector(4);
  second.add(1, 2_000, 13.5, 0);
  second.add(2, 2_000, Number.NaN, 0);
  second.setText("Overload");

  const { texts } = concatColumns([first.take(), second.take()]);

  expect(texts).toEqual([undefined, "None", undefined, "Overload"]);
});
