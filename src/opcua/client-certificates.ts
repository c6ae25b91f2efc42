import { X509Certificate } from "node:crypto";
import type { OPCUAServer } from "node-opcua";
import type { Access } from "#fleet/access/access.ts";
import type { Audit } from "#fleet/audit.ts";
import type { Clock } from "#lib/clock.ts";
import { WarnOnce } from "#lib/warn-once.ts";
import type { SessionUsers } from "./engine/session-users.ts";
import { thumbprintOf } from "./logins.ts";

const periodMs = 3_600_000;
/** Anybody can invent certificates. */
const maxCertificates = 1_000;

/** Records which client programs were refused for their certificate: once an hour for each and each reason. */
export class RefusedClients {
  readonly #audit: Audit;
  readonly #clock: Clock;
  readonly #once: WarnOnce;

  constructor(audit: Audit, clock: Clock) {
    this.#audit = audit;
    this.#clock = clock;
    this.#once = new WarnOnce(clock, periodMs, maxCertificates);
  }

  /** `status` is the name of the StatusCode that the client was answered with, or would have been. */
  note(certificate: Buffer, status: string): void {
    const thumbprint = thumbprintOf(certificate);
    this.#once.warn(`${thumbprint} ${status}`, () => {
      this.#audit.note({
        at: this.#clock.now(),
        kind: "certificate",
        commandId: "",
        user: "",
        origin: "opc.tcp",
        device: "",
        action: "client refused",
        detail: `${subjectOf(certificate)} ${thumbprint}: ${status}`,
      });
    });
  }
}

/** Ends the sessions of programs that are no longer trusted. */
export function endRejectedClients(access: Access, users: SessionUsers, server: OPCUAServer): Disposable {
  return access.trustList.onRejected((thumbprint) =>
    users.close(server, (_user, session) => {
      const { certificate } = users.originOf(session);
      return certificate !== undefined && thumbprintOf(certificate) === thumbprint;
    }),
  );
}

function subjectOf(certificate: Buffer): string {
  try {
    return new X509Certificate(certificate).subject.split("\n").join(", ").slice(0, 200);
  } catch {
    return "(unreadable)";
  }
}
