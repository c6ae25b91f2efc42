import { mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { OpcUaFixture } from "../../support/opcua-fixture.ts";
import { until } from "../../support/until.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("Security Certificate Administration", () => {
  it("keeps a refused certificate where an administrator can trust it by moving a file", async () => {
    await using fixture = await OpcUaFixture.start({ allowInsecure: false, devices: 1 });
    const store = join(fixture.folder, "pki", "server");
    await expect(fixture.admin()).rejects.toThrow();
    const rejected = await readdir(join(store, "rejected"));
    expect(rejected).toHaveLength(1);

    await mkdir(join(store, "trusted", "certs"), { recursive: true });
    for (const name of rejected) await rename(join(store, "rejected", name), join(store, "trusted", "certs", name));

    await using client = await until("the trust", 10_000, () => fixture.admin().catch(() => undefined));
    expect((await client.read("i=2258")).statusCode.name).toBe("Good");
  });
});
