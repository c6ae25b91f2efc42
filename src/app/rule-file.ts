import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { RuleStore } from "#fleet/alarms/ports.ts";
import { rulesOfTables } from "#fleet/alarms/rules/read-rule.ts";
import { writeFileAtomically } from "#lib/atomic-file.ts";
import type { Logger } from "#lib/logger.ts";
import { HostError, messageOf } from "#model/errors.ts";

/** Keeps the alarm rules that people wrote in `alarms/rules.json`. */
export class RuleFile implements RuleStore {
  readonly path: string;
  readonly #log: Logger;

  constructor(folder: string, log: Logger) {
    this.path = join(folder, "alarms", "rules.json");
    this.#log = log;
  }

  async load(): Promise<readonly unknown[]> {
    let text: string;
    try {
      text = await readFile(this.path, "utf8");
    } catch {
      return [];
    }
    return rulesOf(text, this.path);
  }

  async save(rules: readonly unknown[]): Promise<void> {
    try {
      await writeFileAtomically(this.path, `${JSON.stringify({ rules }, undefined, 2)}\n`);
    } catch (error) {
      this.#log.error({ err: error }, "the alarm rules could not be saved");
      throw error;
    }
  }
}

/** The rules of a file that somebody wrote: a list, `{"rules": [...]}`, or the tables. Throws `config-invalid`. */
export async function readRuleFile(path: string): Promise<readonly unknown[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new HostError("config-invalid", `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  return rulesOf(text, path);
}

function rulesOf(text: string, path: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value.map((rule: unknown) => rule);
    const fields = Object.fromEntries<unknown>(Object.entries(value ?? {}));
    if (fields["alarm_rules"] !== undefined) return rulesOfTables(fields);
    const { rules } = fields;
    if (!Array.isArray(rules)) throw new Error('expected a list of rules, {"rules": [...]}, or the tables');
    return rules.map((rule: unknown) => rule);
  } catch (error) {
    throw new HostError("config-invalid", `${path}: ${messageOf(error)}`, { cause: error });
  }
}
