import { describe, expect, it } from "vitest";
import { actionRoles, allows, demand, type NamedAction } from "#fleet/access/action.ts";
import { packageRoles } from "#model/command-spec.ts";

const names = Object.keys(actionRoles) as NamedAction[];

describe("authorisation", () => {
  it.each(names)("allows %s from its least role on, and to nobody without a role", (action) => {
    const least = packageRoles.indexOf(actionRoles[action]);

    expect(packageRoles.map((role) => allows([role], action))).toEqual(packageRoles.map((_, rank) => rank >= least));
    expect(allows([], action)).toBe(false);
  });

  it("lets viewers change nothing", () => {
    const allowed = names.filter((action) => allows(["viewer"], action));

    expect(allowed).toEqual(names.filter((name) => /\.(read|export)$/.test(name) && name !== "audit.read"));
  });

  it("says who may not do what, and which role it takes", () => {
    const eve = { user: "eve", roles: ["viewer" as const], origin: "test" };

    expect(() => demand(eve, "user.manage", "add a user")).toThrow(
      "eve may not add a user: it needs the role administrator",
    );
  });
});
