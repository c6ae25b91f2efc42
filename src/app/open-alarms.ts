import { AlarmKeeper } from "#fleet/alarms/alarm-keeper.ts";
import type { Alarms } from "#fleet/alarms/alarms.ts";
import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import { AlarmFile } from "./alarm-file.ts";

export interface OpenAlarmsParts {
  /** The data folder. */
  readonly folder: string;
  readonly alarms: Alarms;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Gives the alarms what the last run knew of them, and keeps what happens from now on; comes before the devices. Throws
 * `config-invalid` when the file is damaged.
 */
export async function openAlarms({ folder, alarms, clock, log }: OpenAlarmsParts): Promise<AsyncDisposable> {
  const store = new AlarmFile(folder);
  alarms.restore(await store.load());
  const keeper = new AlarmKeeper({ store, clock, log, all: () => alarms.kept() });
  alarms.onState((id, state) => keeper.note(id, state));
  return {
    [Symbol.asyncDispose]: async () => {
      alarms[Symbol.dispose]();
      await keeper[Symbol.asyncDispose]();
    },
  };
}
