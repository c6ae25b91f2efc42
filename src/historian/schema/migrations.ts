import { editScript } from "./edits.ts";
import { eventScript } from "./events.ts";
import type { SchemaFeatures } from "./features.ts";
import { legacyAlarmScript } from "./legacy-alarms.ts";
import { legacyScript } from "./legacy-views.ts";
import { hypertableScript, partitionScript } from "./partitions.ts";
import { rollupScript } from "./rollups.ts";

/** One step of the schema; steps are only ever added, never changed. */
export interface Migration {
  readonly version: number;
  readonly title: string;
  readonly script: (features: SchemaFeatures) => string;
}

export const migrations: readonly Migration[] = [
  {
    version: 1,
    title: "series and history",
    // Order of the columns of `history`: 8-byte ones first packs a row into 52 instead of 60 bytes.
    script: () => `
CREATE TABLE series (
  series_id int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  node_key text NOT NULL UNIQUE,
  device_id text NOT NULL,
  variable text NOT NULL,
  data_type text NOT NULL,
  unit text NOT NULL DEFAULT '',
  created timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX series_device ON series (device_id);
CREATE TABLE history (
  ts timestamptz NOT NULL,
  value float8,
  series_id int4 NOT NULL,
  status int4 NOT NULL DEFAULT 0,
  server_ts timestamptz,
  vtext text,
  PRIMARY KEY (series_id, ts)
);
COMMENT ON TABLE history IS 'Stored samples: source time, number or text, OPC UA StatusCode as signed integer (Bad < 0); server_ts only where the device clock is off';
`,
  },
  {
    version: 2,
    title: "history in days",
    script: ({ timescale }) => (timescale ? hypertableScript : partitionScript),
  },
  { version: 3, title: "rollups", script: () => rollupScript },
  { version: 4, title: "device metadata and the views of the earlier platform", script: () => legacyScript },
  { version: 5, title: "events", script: () => eventScript },
  { version: 6, title: "modified values and annotations", script: () => editScript },
  { version: 7, title: "alarms as the earlier platform showed them", script: () => legacyAlarmScript },
  // create_hypertable made it. Nothing here looks for times without a series, and each row paid for it.
  { version: 8, title: "no index by time alone", script: () => "DROP INDEX IF EXISTS history_ts_idx" },
];
