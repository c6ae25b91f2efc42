import { afterAll, beforeAll, describe } from "vitest";
import type { ScadaClient } from "../../support/opcua-client.ts";
import { type OpcUaFixture, releaseSharedFixture, shareFixture } from "../../support/opcua-fixture.ts";
import { facets } from "./units.ts";

/** What the tests of a unit work with; the members are there once the tests run. */
export interface UnitContext {
  readonly fixture: OpcUaFixture;
  /** A signed and encrypted session as administrator. */
  readonly client: ScadaClient;
}

/** Declares the tests of one conformance unit, over the wire against the shared server. */
export function conformanceUnit(name: string, tests: (context: () => UnitContext) => void): void {
  const unit = facets.flatMap(({ units }) => units).find((known) => known.name === name);
  if (unit === undefined) throw new Error(`${name} is not in units.ts`);
  describe(name, () => {
    let context: UnitContext | undefined;
    beforeAll(async () => {
      const fixture = await shareFixture();
      context = { fixture, client: await fixture.admin() };
    });
    afterAll(async () => {
      await context?.client[Symbol.asyncDispose]();
      // The files of a worker share the address that the lockout counts by.
      context?.fixture.forgiveLogins();
      releaseSharedFixture();
    });
    tests(() => {
      if (context === undefined) throw new Error("the server is not running");
      return context;
    });
  });
}
