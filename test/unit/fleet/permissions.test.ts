import { describe, expect, it } from "vitest";
import { mayWrite, writerOf } from "#fleet/permissions.ts";
import { definePackage } from "#model/define-package.ts";
import type { RoleSpec } from "#model/package-details.ts";
import { controlPackage } from "../../support/control-package.ts";

function packageOf(roles: readonly RoleSpec[]) {
  return definePackage({ ...controlPackage(), security: { levels: [], defaultLevel: "", roles } });
}

describe("who may write settings", () => {
  it("is maintenance where the package says nothing, or only names its roles", () => {
    const named = packageOf([{ role: "operator", permissions: [], grants: [] }]);

    for (const pkg of [controlPackage(), named]) {
      expect(mayWrite(pkg, ["operator"], "Configuration")).toBe(false);
      expect(mayWrite(pkg, ["maintenance"], "Configuration")).toBe(true);
      expect(writerOf(pkg, "Configuration")).toBe("maintenance");
    }
  });

  it("is whoever the package grants it to, and every role above", () => {
    const pkg = packageOf([{ role: "operator", permissions: ["read", "write"], grants: [] }]);

    expect(mayWrite(pkg, ["viewer"], "Configuration")).toBe(false);
    expect(mayWrite(pkg, ["operator"], "Configuration")).toBe(true);
    expect(mayWrite(pkg, ["administrator"], "Configuration")).toBe(true);
  });

  it("depends on the group where the package says so: the closest grant counts", () => {
    const grants = [
      { group: "Configuration", permissions: ["read"] as const },
      { group: "Configuration/Remote", permissions: ["read", "write"] as const },
    ];
    const pkg = packageOf([
      { role: "operator", permissions: ["read", "write"], grants },
      { role: "maintenance", permissions: ["read"], grants: [] },
    ]);

    expect(mayWrite(pkg, ["operator"], "Tuning")).toBe(true);
    expect(mayWrite(pkg, ["operator"], "Configuration/CircuitProtection")).toBe(false);
    expect(mayWrite(pkg, ["operator"], "Configuration/Remote/Reclose")).toBe(true);
    expect(mayWrite(pkg, ["operator"], "ConfigurationOfOthers")).toBe(true);
    expect(writerOf(pkg, "Configuration/CircuitProtection")).toBeUndefined();
  });
});
