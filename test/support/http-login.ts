import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Logs the administrator of a data folder in over HTTP; gives the headers that say so. */
export async function loginHeaders(url: string, data: string): Promise<{ readonly authorization: string }> {
  const [password = ""] = (await readFile(join(data, "secrets/admin-password"), "utf8")).split("\n");
  const answer = await fetch(`${url}/api/v1/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ user: "admin", password }),
  });
  const body = (await answer.json()) as { readonly token?: string };
  if (body.token === undefined) throw new Error(`login: ${answer.status} ${JSON.stringify(body)}`);
  return { authorization: `Bearer ${body.token}` };
}
