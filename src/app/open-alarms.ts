import { AlarmKeeper } from "#fleet/alarms/alarm-keeper.ts";
import type { Alarms } from "#fleet/alarms/alarms.ts";
import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import { HostError, messageOf } from "#model/errors.ts";
import { AlarmFile } from "./alarm-file.ts";
import { RuleFile, readRuleFile } from "./rule-file.ts";

export interface OpenAlarmsParts {
  /** The data folder. */
  readonly folder: string;
  readonly alarms: Alarms;
  /** Files with rules to begin with. */
  readonly ruleFiles: readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Gives the alarms what the last run knew of them, and keeps what happens from now on; comes before the devices. Throws
 * `config-invalid` when the file is damaged.
 */
export async function openAlarms({ folder, alarms, ruleFiles, clock, log }: OpenAlarmsParts): Promise<AsyncDisposable> {
  const store = new AlarmFile(folder);
  alarms.restore(await store.load());
  await loadRules({ folder, alarms, ruleFiles, log });
  const keeper = new AlarmKeeper({ store, clock, log, all: () => alarms.kept() });
  alarms.onState((id, state) => keeper.note(id, state));
  return {
    [Symbol.asyncDispose]: async () => {
      alarms[Symbol.dispose]();
      await alarms.rules.saved();
      await keeper[Symbol.asyncDispose]();
    },
  };
}

async function loadRules({ folder, alarms, ruleFiles, log }: Omit<OpenAlarmsParts, "clock">): Promise<void> {
  const own = new RuleFile(folder, log);
  await named(own.path, () => alarms.rules.load(own));
  for (const path of ruleFiles) {
    const added = await named(path, async () => alarms.rules.addMissing(await readRuleFile(path)));
    if (added > 0) log.info(`${added} alarm rules from ${path}`);
  }
}

/** What is wrong with a rule, with the file that it is in. */
async function named<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (HostError.from(error)?.code === "config-invalid") throw error;
    throw new HostError("config-invalid", `${path}: ${messageOf(error)}`, { cause: error });
  }
}
