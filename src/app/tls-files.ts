import { readFile } from "node:fs/promises";
import { HostError, messageOf } from "#model/errors.ts";

/** Certificate and key of the HTTP server as PEM texts; undefined without them. Throws `config-invalid`. */
export async function tlsFilesOf(
  certFile: string | undefined,
  keyFile: string | undefined,
): Promise<{ readonly cert: string; readonly key: string } | undefined> {
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined || keyFile === undefined) {
    throw new HostError("config-invalid", "http.certFile and http.keyFile belong together: one of them is missing");
  }
  return { cert: await pemOf(certFile, "http.certFile"), key: await pemOf(keyFile, "http.keyFile") };
}

async function pemOf(path: string, setting: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new HostError("config-invalid", `${setting}: ${messageOf(error)}`, { cause: error });
  }
  if (text.includes("-----BEGIN ")) return text;
  throw new HostError("config-invalid", `${setting}: ${path} is no PEM file`);
}
