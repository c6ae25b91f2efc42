import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { CertificateFolder } from "#app/access/certificate-folder.ts";
import { openAccess } from "#app/access/open-access.ts";
import { UserFile } from "#app/access/user-file.ts";
import { loadConfig } from "#config/load-config.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { temporaryFolder } from "../../../support/host-process.ts";
import { memoryAccess } from "../../../support/memory-access.ts";
import { silentLogger } from "../../../support/silent-logger.ts";

it("refuses users of the configuration whose password the level would not allow, without showing it", async () => {
  await using folder = await temporaryFolder();
  const open = async (password: string) => {
    writeFileSync(join(folder.path, "anna"), `${password}\n`);
    writeFileSync(
      join(folder.path, "host.yaml"),
      "security: { level: enhanced }\nopcua: { users: [{ name: anna, role: viewer, passwordFile: anna }] }\n",
    );
    const config = await loadConfig({ file: "host.yaml", demo: undefined, env: {}, workingFolder: folder.path });
    const clock = new FakeClock();
    const { access } = memoryAccess(clock);
    const users = new UserFile(config.dataFolder);
    const certificates = new CertificateFolder(join(folder.path, "pki"));
    return openAccess({ config, access, users, certificates, clock, log: silentLogger() });
  };

  const refusals = [await failureOf(open("kq7!wpzvxjm")), await failureOf(open("anna's own secret"))];
  using opened = await open("kq7!wpzvxjmr");

  expect(refusals.map(({ code }) => code)).toEqual(["config-invalid", "config-invalid"]);
  expect(refusals.map(String).join()).toMatch(/anna has 11 characters: expected at least 12.*user name/s);
  expect(refusals.map(String).join()).not.toMatch(/kq7|own secret/);
  expect(opened.firstAdministrator?.name).toBe("admin");
});
