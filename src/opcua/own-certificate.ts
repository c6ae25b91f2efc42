import { X509Certificate } from "node:crypto";
import type { OPCUAServer } from "node-opcua";
import type { Clock } from "#lib/clock.ts";
import { every } from "#lib/every.ts";
import type { Logger } from "#lib/logger.ts";
import { messageOf } from "#model/errors.ts";

const dayMs = 86_400_000;
/** Clients that pin the certificate get time to learn the new one. */
const renewBeforeMs = 60 * dayMs;
/** How long before its end a certificate of an authority, which only its authority can renew, is complained about. */
const warnBeforeMs = 30 * dayMs;

/**
 * Renews the server's self-signed certificate before it expires, with the same key; looks now and once a day. A certificate
 * from an authority is left alone, with a warning when its end is near.
 */
export async function keepCertificateFresh(server: OPCUAServer, clock: Clock, log: Logger): Promise<Disposable> {
  const look = async (): Promise<void> => {
    const { subject, issuer, validTo } = new X509Certificate(server.getCertificate());
    const leftMs = Date.parse(validTo) - clock.now();
    if (subject === issuer && leftMs < renewBeforeMs) {
      await server.regenerateSelfSignedCertificate();
      // node-opcua (2.186.4) forgets the old one in the server only: endpoints would sign with it until the next start.
      for (const endpoint of server.endpoints) endpoint.invalidateCertificates();
      log.warn(`the server's certificate would have expired on ${validTo} and was renewed: clients must trust it anew`);
    } else if (leftMs < warnBeforeMs) {
      log.warn(`the server's certificate expires on ${validTo}: its authority has to renew it`);
    }
  };
  await look();
  return every(clock, dayMs, () => {
    look().catch((error: unknown) => log.error(`the server's certificate could not be renewed: ${messageOf(error)}`));
  });
}
