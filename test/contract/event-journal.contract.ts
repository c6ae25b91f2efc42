import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EventQuery, EventRecord } from "#fleet/alarms/ports.ts";
import { type Historian, openHistorian } from "#historian/historian.ts";
import { systemClock } from "#lib/clock.ts";
import { deviceId } from "#model/ids.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { testEvent } from "../support/test-events.ts";
import type { HistoryPlace } from "./historian.contract.ts";

/** The same tests of the event journal over each engine; `prepare` makes an empty place, `cleanUp` removes it. */
export function eventJournalContract(
  engine: string,
  prepare: () => Promise<HistoryPlace>,
  cleanUp: (place: HistoryPlace) => Promise<void>,
): void {
  describe(`the event journal over ${engine}`, () => {
    const t0 = Date.UTC(2026, 0, 1, 12);
    let place: HistoryPlace;
    let historian: Historian;
    let count = 0;

    const open = (): Promise<Historian> =>
      openHistorian({ ...place, clock: systemClock, logger: silentLogger(), random: Math.random });

    beforeAll(async () => {
      place = await prepare();
      historian = await open();
    }, 60_000);

    afterAll(async () => {
      await historian[Symbol.asyncDispose]();
      await cleanUp(place);
    });

    /** Appends an event of `device` at each of the times; gives them back. */
    function append(device: string | undefined, times: readonly number[]): EventRecord[] {
      return times.map((time) => {
        count += 1;
        const event = testEvent(count, t0 + time, { device: device === undefined ? undefined : deviceId(device) });
        historian.events.append(event);
        return event;
      });
    }

    async function pages(query: Partial<EventQuery>): Promise<EventRecord[][]> {
      const all: EventRecord[][] = [];
      const whole = { device: undefined, from: undefined, to: undefined, reverse: false, limit: 100, ...query };
      for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
        const page = await historian.events.read(after === undefined ? whole : { ...whole, after });
        all.push([...page.events]);
        after = page.next;
      }
      return all;
    }

    it("gives back events as they were", async () => {
      const fields = { current: 4200.5, count: 2n ** 60n, text: 'quote " \\ ü', nothing: Number.NaN };
      const event = testEvent(1_000_000, t0 + 0.125, { device: deviceId("WH-1"), fields, user: "anna" });

      historian.events.append(event);

      expect(await pages({ device: deviceId("WH-1") })).toEqual([[event]]);
    });

    it("has each event once, however often it is delivered", async () => {
      const [event] = append("ON-1", [0]);
      if (event === undefined) throw new Error("no event");
      historian.events.append(event);
      await historian.events.read({ device: undefined, from: undefined, to: undefined, reverse: false, limit: 1 });
      historian.events.append(event);

      expect(await pages({ device: deviceId("ON-1") })).toEqual([[event]]);
    });

    it("reads by device and time, in order, both ways, in pages, with several events at one time", async () => {
      const events = append("PG-1", [10, 20, 20, 20, 30, 40]);
      append("PG-2", [10, 20]);
      const device = deviceId("PG-1");

      expect(await pages({ device, limit: 2 })).toEqual([events.slice(0, 2), events.slice(2, 4), events.slice(4)]);
      expect((await pages({ device, reverse: true, limit: 4 })).flat()).toEqual(events.toReversed());
      expect((await pages({ device, from: t0 + 20, to: t0 + 40 })).flat()).toEqual(events.slice(1, 5));
      expect((await pages({ device, reverse: true, from: t0 + 20, to: t0 + 40 })).flat()).toEqual(
        events.slice(4).toReversed(),
      );
    });

    it("reads the events of the host and of every device together", async () => {
      const own = append(undefined, [1000]);
      const others = append("AL-1", [1001]);

      expect((await pages({ from: t0 + 1000, to: t0 + 1002 })).flat()).toEqual([...own, ...others]);
    });

    it("refuses to continue from a place that it never gave", async () => {
      const query = { device: undefined, from: undefined, to: undefined, reverse: false, limit: 1, after: "x'; --" };

      await expect(historian.events.read(query)).rejects.toMatchObject({ code: "argument-invalid" });
    });

    it("still has everything after a restart", async () => {
      const events = append("RE-1", [5, 6]);
      await historian[Symbol.asyncDispose]();
      historian = await open();

      expect((await pages({ device: deviceId("RE-1") })).flat()).toEqual(events);
    });
  });
}
