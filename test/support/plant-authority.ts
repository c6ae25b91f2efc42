import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const settings = `
[ca]
default_ca = plant
[plant]
dir = .
database = index
serial = serial
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
default_md = sha256
default_days = 30
default_crl_days = 30
policy = any
copy_extensions = copy
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
`;

/** A certificate authority as a plant has one, made with openssl in a folder of its own. */
export class PlantAuthority {
  readonly #folder: string;
  #lists = 0;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "ca.cnf"), settings);
    writeFileSync(join(folder, "index"), "");
    writeFileSync(join(folder, "serial"), "1000\n");
    const key = ["-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key"];
    this.#run(
      "req",
      "-x509",
      ...key,
      "-config",
      "ca.cnf",
      "-extensions",
      "authority",
      "-subj",
      "/CN=Plant",
      "-out",
      "ca.pem",
    );
  }

  get certificateFile(): string {
    return join(this.#folder, "ca.pem");
  }

  /** Issues a certificate of an OPC UA application for the key of `keyFile`. */
  sign(keyFile: string, applicationUri: string, outputFile: string): void {
    const name = applicationUri.split(":").at(-1) ?? "";
    const usage = "digitalSignature,nonRepudiation,keyEncipherment,dataEncipherment";
    const extensions = [`subjectAltName=URI:${applicationUri},DNS:localhost`, `keyUsage=critical,${usage}`];
    const added = [...extensions, "extendedKeyUsage=clientAuth,serverAuth"].flatMap((text) => ["-addext", text]);
    this.#run(
      "req",
      "-new",
      "-key",
      keyFile,
      "-config",
      "ca.cnf",
      "-subj",
      `/CN=${name}`,
      ...added,
      "-out",
      "request.pem",
    );
    this.#run("ca", "-batch", "-notext", "-config", "ca.cnf", "-in", "request.pem", "-out", outputFile);
  }

  revoke(certificateFile: string): void {
    this.#run("ca", "-config", "ca.cnf", "-revoke", certificateFile);
  }

  /** A list of what was revoked up to now. */
  revocationList(): string {
    this.#lists += 1;
    const path = join(this.#folder, `list-${this.#lists}.pem`);
    this.#run("ca", "-config", "ca.cnf", "-gencrl", "-out", path);
    return path;
  }

  #run(...args: readonly string[]): void {
    execFileSync("openssl", args, { cwd: this.#folder, stdio: "pipe" });
  }
}
