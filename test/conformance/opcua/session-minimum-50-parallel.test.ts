import { expect, it } from "vitest";
import type { ScadaClient } from "../../support/opcua-client.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("Session Minimum 50 Parallel", (context) => {
  it("serves 50 sessions at a time", async () => {
    const { fixture } = context();
    const clients: ScadaClient[] = [];
    try {
      for (let i = 0; i < 50; i += 1) clients.push(await fixture.visitor());

      const values = await Promise.all(clients.map((client) => client.read("i=2258")));

      expect(values.filter(({ statusCode }) => statusCode.isGood())).toHaveLength(50);
    } finally {
      await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
    }
  });
});
