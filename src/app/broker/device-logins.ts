import { join } from "node:path";
import { ListFile } from "#app/list-file.ts";
import type { JsonObject } from "#lib/read-json.ts";
import { HostError } from "#model/errors.ts";

/** How one device, or edge node, logs in at the embedded broker. */
export interface DeviceLogin {
  readonly name: string;
  /** Argon2id. */
  readonly password: string;
  /** Epoch ms. */
  readonly createdAt: number;
}

/** The logins of devices at the embedded broker: `mqtt-users.json` in the data folder. */
export class DeviceLoginFile extends ListFile<DeviceLogin> {
  constructor(dataFolder: string) {
    const advice = "restore it from a backup, or delete it and add the devices again";
    super({ path: join(dataFolder, "mqtt-users.json"), recordOf: loginOf, advice });
  }
}

/** The logins of programs, and `rd`: below `lwm2m/rd/` all devices of the OMA binding have their topics. */
const reserved: ReadonlySet<string> = new Set(["fdi-host", "simulator", "probe", "rd"]);

/** True for a name that can be one level of a topic and is nobody else's. */
export function isDeviceName(name: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,127}$/u.test(name) && !reserved.has(name.toLowerCase());
}

/** Throws `argument-invalid` unless a device may log in by that name. */
export function checkDeviceName(name: string): void {
  if (isDeviceName(name)) return;
  const expected = `letters, digits or . _ @ -, and none of ${[...reserved].join(", ")}`;
  throw new HostError("argument-invalid", `device name ${JSON.stringify(name.slice(0, 64))}: expected ${expected}`);
}

function loginOf({ name, password, createdAt }: JsonObject): DeviceLogin | undefined {
  if (typeof name !== "string" || typeof password !== "string" || !isDeviceName(name)) return undefined;
  return { name, password, createdAt: typeof createdAt === "number" ? createdAt : 0 };
}
