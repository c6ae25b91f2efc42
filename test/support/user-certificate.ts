import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { OPCUACertificateManager } from "node-opcua";
import type { UserCertificate } from "#fleet/access/ports.ts";

export interface PersonsCertificate {
  /** As a user directory knows it. */
  readonly known: UserCertificate;
  /** As its owner logs in with it. */
  readonly token: { readonly certificateData: Buffer; readonly privateKey: string };
}

/** A self-signed certificate of a person, with its key; files go to `folder`. */
export async function userCertificate(folder: string, commonName: string): Promise<PersonsCertificate> {
  const manager = new OPCUACertificateManager({ rootFolder: join(folder, `user-${commonName}`) });
  await manager.initialize();
  const outputFile = join(folder, `${commonName}.pem`);
  await manager.createSelfSignedCertificate({
    applicationUri: `urn:test:${commonName}`,
    dns: [],
    outputFile,
    subject: `/CN=${commonName}`,
    startDate: new Date(),
    validity: 10,
  });
  const { raw, fingerprint256, validTo } = new X509Certificate(readFileSync(outputFile));
  const token = { certificateData: raw, privateKey: readFileSync(manager.privateKey, "utf8") };
  await manager.dispose();
  const thumbprint = fingerprint256.replaceAll(":", "").toLowerCase();
  return { known: { thumbprint, subject: `CN=${commonName}`, notAfter: Date.parse(validTo) }, token };
}
