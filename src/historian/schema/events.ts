/**
 * Events of alarms and devices, each once by its id. One table without pieces: a fleet has some thousand a day, and only a
 * table that is not divided by time can hold the id unique.
 */
export const eventScript = `
CREATE TABLE event (
  seq int8 GENERATED ALWAYS AS IDENTITY,
  event_id bytea PRIMARY KEY,
  ts timestamptz NOT NULL,
  received_ts timestamptz NOT NULL,
  kind text NOT NULL,
  device_id text,
  name text NOT NULL,
  severity int4 NOT NULL,
  message text NOT NULL,
  user_name text,
  record jsonb NOT NULL
);
CREATE INDEX event_time ON event (ts, seq);
CREATE INDEX event_device ON event (device_id, ts, seq);
COMMENT ON TABLE event IS 'What happened: alarms as they were then (record), acknowledgements, events of devices; device_id is null for the host itself';
`;
