import type { Audit } from "#fleet/audit.ts";
import type { Clock } from "#lib/clock.ts";
import type { Principal } from "#model/command.ts";
import { HostError } from "#model/errors.ts";
import { demand } from "./action.ts";
import type { CertificateStore, ClientCertificate } from "./ports.ts";

export interface TrustListParts {
  readonly store: CertificateStore;
  readonly clock: Clock;
  readonly audit: Audit;
}

const minPrefix = 8;

/** Which client programs may connect; every change is authorised and audited. */
export class TrustList {
  readonly #parts: TrustListParts;
  readonly #listeners = new Set<(thumbprint: string) => void>();

  constructor(parts: TrustListParts) {
    this.#parts = parts;
  }

  /** Trusted ones and those that were refused, newest first. Throws `access-denied`. */
  async list(by: Principal): Promise<readonly ClientCertificate[]> {
    demand(by, "certificate.manage", "see the certificates");
    return (await this.#parts.store.list()).toSorted((a, b) => b.since - a.since);
  }

  /**
   * Lets a program connect from now on. A thumbprint may be given by its first 8 digits or more. Throws `access-denied`,
   * `certificate-unknown` and, when it could mean several, `argument-invalid`.
   */
  async trust(thumbprint: string, by: Principal): Promise<ClientCertificate> {
    demand(by, "certificate.manage", "trust a certificate");
    return this.#move(await this.#find(thumbprint), "trusted", by);
  }

  /** Lets a program connect no more, and ends its sessions. Throws as `trust` does. */
  async reject(thumbprint: string, by: Principal): Promise<ClientCertificate> {
    demand(by, "certificate.manage", "reject a certificate");
    return this.#move(await this.#find(thumbprint), "rejected", by);
  }

  /** Forgets a certificate; it is shown again when its program tries to connect. Throws as `trust` does. */
  async remove(thumbprint: string, by: Principal): Promise<void> {
    demand(by, "certificate.manage", "remove a certificate");
    const certificate = await this.#find(thumbprint);
    await this.#parts.store.remove(certificate.thumbprint);
    this.#note(by, "remove certificate", certificate);
    this.#tellRejected(certificate);
  }

  /** Trusts a certificate that is given as a file. Throws `access-denied` and `argument-invalid`. */
  async add(file: Uint8Array, by: Principal): Promise<ClientCertificate> {
    demand(by, "certificate.manage", "trust a certificate");
    const certificate = await this.#parts.store.add(file);
    this.#note(by, "trust certificate", certificate);
    return certificate;
  }

  /** Tells the thumbprint of every certificate that is no longer trusted. */
  onRejected(listener: (thumbprint: string) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #tellRejected({ thumbprint }: ClientCertificate): void {
    for (const listener of this.#listeners) listener(thumbprint);
  }

  async #find(thumbprint: string): Promise<ClientCertificate> {
    const wanted = thumbprint.toLowerCase().replaceAll(/[:\s]/g, "");
    const all = await this.#parts.store.list();
    const found = wanted.length < minPrefix ? [] : all.filter((known) => known.thumbprint.startsWith(wanted));
    const [certificate] = found;
    const shown = JSON.stringify(thumbprint.slice(0, 96));
    if (certificate === undefined) {
      const expected = `expected at least the first ${minPrefix} digits of its SHA-256`;
      throw new HostError("certificate-unknown", `no certificate has the thumbprint ${shown}: ${expected}`);
    }
    if (found.length > 1) {
      throw new HostError("argument-invalid", `${shown} stands for ${found.length} certificates: give more digits`);
    }
    return certificate;
  }

  async #move(
    certificate: ClientCertificate,
    to: ClientCertificate["state"],
    by: Principal,
  ): Promise<ClientCertificate> {
    await this.#parts.store.move(certificate.thumbprint, to);
    this.#note(by, to === "trusted" ? "trust certificate" : "reject certificate", certificate);
    if (to === "rejected") this.#tellRejected(certificate);
    return { ...certificate, state: to, since: this.#parts.clock.now() };
  }

  #note(by: Principal, action: string, { subject, thumbprint }: ClientCertificate): void {
    const { audit, clock } = this.#parts;
    const about = { commandId: "", user: by.user, origin: by.origin, device: "" };
    audit.note({ at: clock.now(), kind: "certificate", ...about, action, detail: `${subject} ${thumbprint}` });
  }
}
