import { describe, expect, it } from "vitest";
import { checkSecurity } from "#config/check-security.ts";
import { decideConfig, type HostConfig } from "#config/host-config.ts";
import type { ConfigFile } from "#config/schema.ts";
import { type SecurityLevel, securityLevels } from "#config/security-level.ts";

function config(
  level: SecurityLevel,
  file: ConfigFile = {},
  start: { demo?: boolean; insecure?: boolean } = {},
): HostConfig {
  const { demo = false, insecure = false } = start;
  return decideConfig({ ...file, security: { level } }, {}, { demo, insecure, folder: "/srv", hasFile: true });
}

/** Levels at which a configuration is accepted. */
function accepted(file: ConfigFile, start?: { insecure?: boolean }): SecurityLevel[] {
  return securityLevels.filter((level) => {
    try {
      checkSecurity(config(level, file, start));
      return true;
    } catch {
      return false;
    }
  });
}

describe("security levels", () => {
  it("get stricter from one to the next", () => {
    const rules = securityLevels.map((level) => config(level).security);

    expect(rules.map(({ minPasswordLength }) => minPasswordLength)).toEqual([10, 12, 14]);
    expect(rules.map(({ sessionIdleMs }) => sessionIdleMs / 60_000)).toEqual([30, 15, 10]);
    expect(rules.map(({ minTls }) => minTls)).toEqual(["TLSv1.2", "TLSv1.2", "TLSv1.3"]);
    expect(rules.map((rule) => rule.offersBasic256Sha256)).toEqual([true, true, false]);
    expect(rules.map((rule) => rule.refusesTamperedAudit)).toEqual([false, false, true]);
  });

  it("let the demo be open on loopback at standard only", () => {
    expect(securityLevels.map((level) => config(level, {}, { demo: true }).opcua.allowInsecure)).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("allow --insecure at standard only", () => {
    expect(accepted({}, { insecure: true })).toEqual(["standard"]);
  });

  it.each<[string, ConfigFile]>([
    ["HTTP to other machines", { http: { host: "0.0.0.0" } }],
    ["a broker on another machine", { mqtt: { url: "mqtt://broker.plant.example" } }],
    ["the embedded broker for other machines", { mqtt: { host: "0.0.0.0" } }],
  ])("demand TLS for %s from enhanced on", (_what, file) => {
    expect(accepted(file)).toEqual(["standard"]);
  });

  it("accept TLS, and plain connections within the machine, at every level", () => {
    const tls: ConfigFile = {
      http: { host: "0.0.0.0", certFile: "http.pem", keyFile: "http.key" },
      mqtt: { url: "mqtts://broker.plant.example:8883" },
    };

    expect(accepted(tls)).toEqual(["standard", "enhanced", "critical"]);
    expect(accepted({ mqtt: { url: "mqtt://127.0.0.1:1883" } })).toEqual(["standard", "enhanced", "critical"]);
  });

  it("name what they do not allow", () => {
    expect(() => checkSecurity(config("critical", { http: { host: "0.0.0.0" } }, { insecure: true }))).toThrow(
      /critical does not allow --insecure\n.*critical does not allow http.host 0.0.0.0 without http.certFile/,
    );
  });
});
