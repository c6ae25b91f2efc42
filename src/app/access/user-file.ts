import { join } from "node:path";
import { ListFile } from "#app/list-file.ts";
import type { UserCertificate, UserRecord, UserStore } from "#fleet/access/ports.ts";
import { isJsonObject, type JsonObject } from "#lib/read-json.ts";
import { packageRoles } from "#model/command-spec.ts";

/** The users of an installation: `users.json` in the data folder. */
export class UserFile extends ListFile<UserRecord> implements UserStore {
  constructor(dataFolder: string) {
    const advice = "restore it from a backup; without the file a new administrator is made";
    super({ path: join(dataFolder, "users.json"), recordOf: userOf, advice });
  }
}

function userOf(item: JsonObject): UserRecord | undefined {
  const { name, password, mustChangePassword, enabled, createdAt, passwordChangedAt } = item;
  const role = packageRoles.find((known) => known === item["role"]);
  const certificates = certificatesOf(item["certificates"]);
  if (typeof name !== "string" || role === undefined || certificates === undefined) return undefined;
  if (typeof enabled !== "boolean" || typeof mustChangePassword !== "boolean") return undefined;
  if (password !== undefined && typeof password !== "string") return undefined;
  return {
    name,
    role,
    password,
    certificates,
    mustChangePassword,
    enabled,
    createdAt: typeof createdAt === "number" ? createdAt : 0,
    passwordChangedAt: typeof passwordChangedAt === "number" ? passwordChangedAt : undefined,
  };
}

function certificatesOf(list: unknown): UserCertificate[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const found = list.flatMap((item: unknown) => {
    if (!isJsonObject(item)) return [];
    const { thumbprint, subject, notAfter } = item;
    if (typeof thumbprint !== "string" || typeof subject !== "string" || typeof notAfter !== "number") return [];
    return [{ thumbprint, subject, notAfter }];
  });
  return found.length === list.length ? found : undefined;
}
