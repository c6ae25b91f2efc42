import { describe, expect, it } from "vitest";
import { defaultOnboardingPolicy } from "#fleet/onboarding/onboarding-policy.ts";
import { Lwm2mBench } from "./lwm2m-bench.ts";

const policy = { ...defaultOnboardingPolicy, mode: "auto" } as const;
const registration = {
  endpoint: "pump-1",
  lifetime: 60,
  objects: { "0": { "0": { "5": "its key" } }, "3": { "0": { "0": "Acme" } }, "3303": { "0": { "5700": 21.5 } } },
};

describe("an LwM2M device without a package", () => {
  it("is taken in with the resources it has, but never with the keys of its connection", async () => {
    const bench = await Lwm2mBench.open([], { policy });

    bench.deliver("lwm2m/pump-1/reg", Buffer.from(JSON.stringify(registration)));

    const { parameters } = bench.fleet.device("pump-1").package;
    expect(parameters.map(({ name }) => name)).toEqual(["3.0.0", "3303.0.5700"]);
    expect(bench.fleet.value("pump-1", "3303.0.5700").value).toBe(21.5);
  });

  it("waits for an operator where the policy says so, and is there once accepted", async () => {
    const bench = await Lwm2mBench.open(undefined, { policy: { ...policy, mode: "manual" } });
    bench.deliver("lwm2m/pump-1/reg", Buffer.from(JSON.stringify(registration)));

    const by = { user: "anna", roles: ["administrator" as const], origin: "test" };
    bench.fleet.onboarding.accept({ key: "pump-1", package: "generic", by });
    bench.deliver("lwm2m/pump-1/update", Buffer.from(JSON.stringify(registration)));

    expect(bench.fleet.value("pump-1", "3303.0.5700").value).toBe(21.5);
    expect(bench.fleet.state("pump-1")).toBe("online");
  });
});
