import { generateKeyPairSync, type KeyObject, sign, X509Certificate } from "node:crypto";

/** A small X.509 issuer: enough DER to make authorities and signers with any validity and purpose. */
export interface CertificateWish {
  readonly commonName: string;
  readonly issuerName: string;
  readonly publicKey: KeyObject;
  readonly issuerKey: KeyObject;
  readonly isAuthority?: boolean;
  readonly purposes?: readonly string[];
  readonly validFrom?: string;
  readonly validTo?: string;
  readonly serial?: number;
}

export const codeSigning = "1.3.6.1.5.5.7.3.3";
const sha256WithRsa = sequence(oid("1.2.840.113549.1.1.11"), tlv(0x05));

export function issueCertificate(wish: CertificateWish): X509Certificate {
  const tbs = sequence(
    tlv(0xa0, integer(2)),
    integer(wish.serial ?? 1),
    sha256WithRsa,
    name(wish.issuerName),
    sequence(time(wish.validFrom ?? "2020-01-01T00:00:00Z"), time(wish.validTo ?? "2040-01-01T00:00:00Z")),
    name(wish.commonName),
    wish.publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, sequence(...extensions(wish))),
  );
  const signature = sign("sha256", tbs, wish.issuerKey);
  return new X509Certificate(sequence(tbs, sha256WithRsa, tlv(0x03, Buffer.from([0]), signature)));
}

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export function newKeyPair(bits = 2048): KeyPair {
  return generateKeyPairSync("rsa", { modulusLength: bits });
}

function extensions({ isAuthority = false, purposes = [] }: CertificateWish): Buffer[] {
  const constraints = sequence(...(isAuthority ? [tlv(0x01, Buffer.from([0xff]))] : []));
  const list = [sequence(oid("2.5.29.19"), tlv(0x01, Buffer.from([0xff])), tlv(0x04, constraints))];
  if (purposes.length > 0) list.push(sequence(oid("2.5.29.37"), tlv(0x04, sequence(...purposes.map(oid)))));
  return list;
}

function name(commonName: string): Buffer {
  return sequence(tlv(0x31, sequence(oid("2.5.4.3"), tlv(0x0c, Buffer.from(commonName)))));
}

function time(iso: string): Buffer {
  return tlv(0x18, Buffer.from(`${iso.replaceAll(/[-:T]/g, "").slice(0, 14)}Z`));
}

function integer(value: number): Buffer {
  return tlv(0x02, Buffer.from([value]));
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const digits = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
    bytes.push(...digits);
  }
  return tlv(0x06, Buffer.from(bytes));
}

function sequence(...content: readonly Buffer[]): Buffer {
  return tlv(0x30, ...content);
}

function tlv(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  if (body.length < 128) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length = Buffer.from(body.length.toString(16).padStart(body.length > 0xff ? 4 : 2, "0"), "hex");
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body]);
}
