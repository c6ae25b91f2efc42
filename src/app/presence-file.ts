import { join } from "node:path";
import { type PresenceRecord, type PresenceStore, presenceStates } from "#fleet/ports.ts";
import { writeFileAtomically } from "#lib/atomic-file.ts";
import { deviceId } from "#model/ids.ts";
import { readJsonList } from "./read-json-list.ts";

/** Keeps when each device was last seen in `presence.json`. */
export class PresenceFile implements PresenceStore {
  readonly #path: string;

  constructor(folder: string) {
    this.#path = join(folder, "presence.json");
  }

  async load(): Promise<readonly PresenceRecord[]> {
    const advice = "remove it: only the times when devices were last seen are lost";
    return readJsonList(this.#path, { recordOf, advice });
  }

  async save(records: readonly PresenceRecord[]): Promise<void> {
    await writeFileAtomically(this.#path, `${JSON.stringify(records)}\n`);
  }
}

function recordOf(value: unknown): PresenceRecord {
  const fields = new Map<string, unknown>(Object.entries(value ?? {}));
  const state = presenceStates.find((name) => name === fields.get("state"));
  const [id, since, reason, lastSeen] = ["id", "since", "reason", "lastSeen"].map((key) => fields.get(key));
  if (state === undefined || typeof id !== "string" || typeof since !== "number" || typeof reason !== "string") {
    throw new Error(`a record without id, state, since or reason`);
  }
  return { id: deviceId(id), state, since, reason, ...(typeof lastSeen === "number" ? { lastSeen } : {}) };
}
