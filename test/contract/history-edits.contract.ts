import { describe, expect, it } from "vitest";
import type { Device } from "#fleet/device.ts";
import type { AtTimeHistoryQuery, ModifiedHistoryPage, ValueEditMode } from "#fleet/history/ports.ts";
import type { Historian } from "#historian/historian.ts";
import { defaultAggregateConfiguration } from "#model/aggregate.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { Quality } from "#model/quality.ts";
import { SampleBatch } from "#model/sample-batch.ts";
import { testDevice } from "../support/history-samples.ts";

const t0 = Date.UTC(2026, 0, 2, 12);
const at = Date.UTC(2026, 5, 1);

/** What people may do to stored history, and values at instants; over any engine. */
export function historyEditsContract(historian: () => Historian): void {
  const deviceOf = (id: string): Device => testDevice(id, [{ name: "P" }, { name: "T", dataType: "string" }]);

  function specOf(id: string, name = "P"): ParameterSpec {
    const spec = deviceOf(id).package.parameterByName.get(name);
    if (spec === undefined) throw new Error(name);
    return spec;
  }

  function send(id: string, samples: readonly (readonly [offset: number, value: number, quality?: number])[]): void {
    const batch = new SampleBatch();
    batch.reset(t0);
    for (const [offset, value, quality = Quality.good] of samples) batch.add(0, value, t0 + offset, quality);
    historian().writer.accept(deviceOf(id), batch);
  }

  const edit = (id: string, mode: ValueEditMode, given: readonly (readonly [offset: number, value: number])[]) =>
    historian().editor.edit({
      device: deviceOf(id).id,
      parameter: specOf(id),
      user: "ada",
      at,
      mode,
      times: Float64Array.from(given, ([offset]) => t0 + offset),
      values: Float64Array.from(given, ([, value]) => value),
      qualities: new Uint32Array(given.length),
      texts: undefined,
    });

  async function rows(id: string): Promise<string> {
    const query = { from: undefined, to: undefined, reverse: false, limit: 100 };
    const { times, values } = await historian().raw({ device: deviceOf(id).id, parameter: "P", ...query });
    return Array.from(times, (time, i) => `${time - t0}:${values[i] ?? ""}`).join(" ");
  }

  const modified = (id: string, query: { limit?: number; reverse?: boolean } = {}) =>
    historian().modified({
      device: deviceOf(id).id,
      parameter: "P",
      from: undefined,
      to: undefined,
      reverse: false,
      limit: 100,
      ...query,
    });

  const shown = ({ times, values, kinds, users }: ModifiedHistoryPage): string[] =>
    Array.from(times, (time, i) => `${time - t0}:${values[i] ?? ""} ${kinds[i] ?? ""} ${users[i] ?? ""}`);

  describe("edits", () => {
    it("insert where nothing is, replace what is there, update both, and keep what was before", async () => {
      send("ED-1", [
        [0, 1],
        [10, 2],
      ]);

      expect(
        await edit("ED-1", "insert", [
          [0, 9],
          [5, 5],
        ]),
      ).toEqual(["exists", "inserted"]);
      expect(
        await edit("ED-1", "replace", [
          [5, 6],
          [7, 7],
        ]),
      ).toEqual(["replaced", "missing"]);
      expect(
        await edit("ED-1", "update", [
          [10, 20],
          [20, 30],
        ]),
      ).toEqual(["replaced", "inserted"]);

      expect(await rows("ED-1")).toBe("0:1 5:6 10:20 20:30");
      expect(shown(await modified("ED-1"))).toEqual(["5:5 2 ada", "5:5 1 ada", "10:2 3 ada", "20:30 1 ada"]);
      expect([...(await modified("ED-1")).modified]).toEqual([at, at, at, at]);
    });

    it("of a parameter that was never stored make its history", async () => {
      expect(await edit("ED-2", "replace", [[0, 1]])).toEqual(["missing"]);
      expect(await edit("ED-2", "insert", [[0, 1]])).toEqual(["inserted"]);
      expect(await rows("ED-2")).toBe("0:1");
    });

    it("delete a range without its end, or times, and keep what was there", async () => {
      send("ED-3", [
        [0, 0],
        [10, 1],
        [20, 2],
        [30, 3],
      ]);
      const who = { device: deviceOf("ED-3").id, parameter: specOf("ED-3"), user: "bob", at };
      const { editor } = historian();

      expect(await editor.deleteRange({ ...who, from: t0 + 10, to: t0 + 30 })).toBe(2);
      expect(await editor.deleteAt({ ...who, times: Float64Array.of(t0, t0 + 5) })).toEqual(["deleted", "missing"]);

      expect(await rows("ED-3")).toBe("30:3");
      expect(shown(await modified("ED-3"))).toEqual(["0:0 4 bob", "10:1 4 bob", "20:2 4 bob"]);
      expect(await editor.deleteModified({ ...who, from: t0, to: t0 + 20 })).toBe(2);
      expect(shown(await modified("ED-3"))).toEqual(["20:2 4 bob"]);
    });

    it.each([false, true])("are paged through once, of one time the newest first (reverse: %s)", async (reverse) => {
      const id = `ED-4-${String(reverse)}`;
      send(id, [[0, 0]]);
      for (const value of [1, 2, 3]) await edit(id, "replace", [[0, value]]);
      await edit(id, "insert", [[10, 10]]);
      const whole = shown(await modified(id, { reverse }));

      const found: string[] = [];
      let page = await modified(id, { reverse, limit: 2 });
      for (found.push(...shown(page)); page.more && page.last !== undefined; found.push(...shown(page))) {
        const query = { from: undefined, to: undefined, reverse, limit: 2, after: page.last };
        page = await historian().modified({ device: deviceOf(id).id, parameter: "P", ...query });
      }

      const atZero = ["0:2 2 ada", "0:1 2 ada", "0:0 2 ada"];
      expect(whole).toEqual(reverse ? ["10:10 1 ada", ...atZero] : [...atZero, "10:10 1 ada"]);
      expect(found).toEqual(whole);
    });

    it("are annotations, told apart by time, author and time of writing, and counted per interval", async () => {
      const target = { device: deviceOf("AN-1").id, parameter: specOf("AN-1"), user: "ada", at };
      const note = (offset: number, message: string) => ({ time: t0 + offset, message, user: "ada", writtenAt: at });
      const { editor } = historian();

      expect(
        await editor.annotate({ ...target, mode: "insert", annotations: [note(0, "a"), note(1500, "b")] }),
      ).toEqual(["inserted", "inserted"]);
      expect(await editor.annotate({ ...target, mode: "insert", annotations: [note(0, "x")] })).toEqual(["exists"]);
      expect(await editor.annotate({ ...target, mode: "replace", annotations: [note(0, "c"), note(7, "x")] })).toEqual([
        "replaced",
        "missing",
      ]);

      const about = { device: target.device, parameter: "P", from: t0, to: t0 + 2000, reverse: false };
      const found = await historian().annotations({ ...about, skip: 0, limit: 10 });
      expect(found).toEqual([note(0, "c"), note(1500, "b")]);
      expect(await historian().annotated()).toContainEqual({ device: "AN-1", parameter: "P" });
      const counted = await historian().processed({
        device: target.device,
        parameter: "P",
        aggregate: "AnnotationCount",
        startTime: t0,
        endTime: t0 + 3000,
        processingIntervalMs: 1000,
        stepped: false,
        configuration: defaultAggregateConfiguration,
      });
      expect([...counted.values]).toEqual([1, 1, 0]);
      expect(await editor.annotate({ ...target, mode: "remove", annotations: [note(0, ""), note(7, "")] })).toEqual([
        "deleted",
        "missing",
      ]);
      expect(await historian().annotations({ ...about, skip: 0, limit: 10 })).toEqual([note(1500, "b")]);
    });
  });

  describe("values at instants", () => {
    const atTime = (id: string, offsets: readonly number[], query: Partial<AtTimeHistoryQuery> = {}) =>
      historian().atTime({
        device: deviceOf(id).id,
        parameter: "P",
        times: Float64Array.from(offsets, (offset) => t0 + offset),
        stepped: false,
        useSimpleBounds: false,
        treatUncertainAsBad: true,
        ...query,
      });

    it("are raw where stored, else on the line between good neighbours, in the order asked for", async () => {
      send("AT-1", [
        [0, 0],
        [10, 10],
        [20, 99, Quality.bad],
        [30, 30],
      ]);

      const line = await atTime("AT-1", [25, 10, 5, 20, -5]);
      const steps = await atTime("AT-1", [25, 10, 5], { stepped: true });
      const simple = await atTime("AT-1", [25, 5], { useSimpleBounds: true });

      expect([...line.values]).toEqual([25, 10, 5, 99, Number.NaN]);
      expect([...line.qualities].map((code) => code.toString(16))).toEqual([
        "40a40402",
        "0",
        "402",
        "80000000",
        "809b0000",
      ]);
      expect([...steps.values]).toEqual([10, 10, 0]);
      expect([...simple.values]).toEqual([Number.NaN, 5]);
    });

    it("are the same whether the values around them are read as a whole or instant by instant", async () => {
      send(
        "AT-2",
        Array.from({ length: 500 }, (_, i) => [i * 10, i, i % 7 === 0 ? Quality.bad : Quality.good] as const),
      );
      const few = [3, 75, 1234, 4985];

      const sparse = await atTime("AT-2", few);
      const dense = await atTime("AT-2", [...few, ...Array.from({ length: 200 }, (_, i) => i * 25)]);

      expect([...sparse.values]).toEqual([...dense.values.subarray(0, few.length)]);
      expect([...sparse.qualities]).toEqual([...dense.qualities.subarray(0, few.length)]);
    });
  });
}
