import { expect, it } from "vitest";
import { WarnOnce } from "#lib/warn-once.ts";
import { FakeClock } from "../../support/fake-clock.ts";

it("lets one message per key and minute through and tells how many it held back", () => {
  const clock = new FakeClock();
  const warnings = new WarnOnce(clock, 60_000);
  const said: string[] = [];
  const warn = (key: string) => warnings.warn(key, (suppressed) => said.push(`${key} ${suppressed}`));

  for (let i = 0; i < 5; i += 1) warn("a");
  warn("b");
  clock.advance(60_000);
  warn("a");

  expect(said).toEqual(["a 0", "b 0", "a 4"]);
});

it("stays small however many keys there are", () => {
  const warnings = new WarnOnce(new FakeClock(), 60_000, 3);
  let said = 0;

  for (let i = 0; i < 100; i += 1) warnings.warn(`source ${i}`, () => (said += 1));

  expect(said).toBe(3);
});
