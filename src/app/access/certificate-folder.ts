import { X509Certificate } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { basename, join } from "node:path";
import type { CertificateStore, ClientCertificate } from "#fleet/access/ports.ts";
import { writeFileAtomically } from "#lib/atomic-file.ts";
import { HostError } from "#model/errors.ts";

interface Found extends ClientCertificate {
  readonly path: string;
}

/** Anybody can leave a rejected certificate behind: older ones than this many are deleted. */
const maxRejected = 100;
const maxFileBytes = 64 * 1024;

/** The trusted and rejected certificates of OPC UA clients, as files of a PKI folder (OPC 10000-12, F.1). */
export class CertificateFolder implements CertificateStore {
  readonly #folders: Readonly<Record<ClientCertificate["state"], string>>;

  /** `pkiFolder` holds `trusted/certs` and `rejected`; they need not exist. */
  constructor(pkiFolder: string) {
    this.#folders = { trusted: join(pkiFolder, "trusted", "certs"), rejected: join(pkiFolder, "rejected") };
  }

  async list(): Promise<readonly ClientCertificate[]> {
    return (await this.#all()).map(({ path: _path, ...certificate }) => certificate);
  }

  async move(thumbprint: string, to: ClientCertificate["state"]): Promise<boolean> {
    const found = (await this.#all()).filter((known) => known.thumbprint === thumbprint);
    const folder = this.#folders[to];
    await mkdir(folder, { recursive: true });
    for (const { path, state } of found) {
      if (state === to) continue;
      const target = join(folder, basename(path));
      await rename(path, target);
      const now = new Date();
      await utimes(target, now, now);
    }
    return found.length > 0;
  }

  async remove(thumbprint: string): Promise<boolean> {
    const found = (await this.#all()).filter((known) => known.thumbprint === thumbprint);
    await this.#delete(found);
    return found.length > 0;
  }

  async add(file: Uint8Array): Promise<ClientCertificate> {
    const certificate = certificateIn(file);
    if (certificate === undefined)
      throw new HostError("argument-invalid", "the file is no X.509 certificate (PEM or DER)");
    const thumbprint = thumbprintOf(certificate);
    const isKnown = await this.move(thumbprint, "trusted");
    if (!isKnown) await writeFileAtomically(join(this.#folders.trusted, `${thumbprint}.pem`), certificate.toString());
    return { ...factsOf(certificate), state: "trusted", since: Date.now() };
  }

  /** Deletes the oldest of too many rejected certificates; gives how many. */
  async prune(): Promise<number> {
    const rejected = (await this.#read("rejected")).toSorted((a, b) => b.since - a.since);
    await this.#delete(rejected.slice(maxRejected));
    return Math.max(0, rejected.length - maxRejected);
  }

  async #delete(found: readonly Found[]): Promise<void> {
    if (found.length === 0) return;
    for (const { path } of found) await rm(path, { force: true });
    // A server looks at the time of this folder for changes of any.
    const now = new Date();
    await utimes(this.#folders.trusted, now, now).catch(() => undefined);
  }

  async #all(): Promise<Found[]> {
    return [...(await this.#read("trusted")), ...(await this.#read("rejected"))];
  }

  async #read(state: ClientCertificate["state"]): Promise<Found[]> {
    const folder = this.#folders[state];
    const names = await readdir(folder).catch(() => []);
    const found = await Promise.all(names.map((name) => readOne(join(folder, name), state)));
    return found.filter((certificate) => certificate !== undefined);
  }
}

/** A file that is no certificate, or is gone meanwhile, is none. */
async function readOne(path: string, state: ClientCertificate["state"]): Promise<Found | undefined> {
  try {
    const { size, mtimeMs } = await stat(path);
    const certificate = size > maxFileBytes ? undefined : certificateIn(await readFile(path));
    return certificate === undefined ? undefined : { ...factsOf(certificate), state, since: mtimeMs, path };
  } catch {
    return undefined;
  }
}

function certificateIn(file: Uint8Array): X509Certificate | undefined {
  try {
    return file.length > maxFileBytes ? undefined : new X509Certificate(file);
  } catch {
    return undefined;
  }
}

/** What is shown of a certificate. */
export function factsOf(certificate: X509Certificate): Omit<ClientCertificate, "state" | "since"> {
  const uri = /URI:([^,]+)/.exec(certificate.subjectAltName ?? "")?.[1] ?? "";
  return {
    thumbprint: thumbprintOf(certificate),
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    applicationUri: uri,
    notBefore: Date.parse(certificate.validFrom),
    notAfter: Date.parse(certificate.validTo),
  };
}

function thumbprintOf({ fingerprint256 }: X509Certificate): string {
  return fingerprint256.replaceAll(":", "").toLowerCase();
}

function oneLine(name: string): string {
  return name.split("\n").join(", ");
}
