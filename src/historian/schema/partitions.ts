/**
 * History in pieces of a day, so that old days go as a whole. On TimescaleDB a hypertable that compresses itself; elsewhere
 * partitions that the maintenance makes ahead, with a default one for days that nobody expected.
 */

export const hypertableScript = `
SELECT create_hypertable('history', by_range('ts', INTERVAL '1 day'), migrate_data => true);
ALTER TABLE history SET (timescaledb.enable_columnstore = true, timescaledb.segmentby = 'series_id', timescaledb.orderby = 'ts');
CALL add_columnstore_policy('history', after => INTERVAL '2 days');
CREATE FUNCTION history_prepare_day(p_day date) RETURNS void LANGUAGE sql AS 'SELECT';
CREATE FUNCTION history_drop_before(p_cutoff timestamptz) RETURNS int LANGUAGE sql AS
  $$ SELECT count(drop_chunks)::int FROM drop_chunks('history', p_cutoff) $$;
`;

export const partitionScript = `
ALTER TABLE history RENAME TO history_undivided;
ALTER INDEX history_pkey RENAME TO history_undivided_pkey;
CREATE TABLE history (LIKE history_undivided INCLUDING DEFAULTS, PRIMARY KEY (series_id, ts)) PARTITION BY RANGE (ts);
COMMENT ON TABLE history IS 'Stored samples: source time, number or text, OPC UA StatusCode as signed integer (Bad < 0); server_ts only where the device clock is off';
CREATE TABLE history_default PARTITION OF history DEFAULT;
INSERT INTO history SELECT * FROM history_undivided;
DROP TABLE history_undivided;

CREATE FUNCTION history_prepare_day(p_day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  piece text := 'history_' || to_char(p_day, 'YYYYMMDD');
  low timestamptz := p_day::timestamp AT TIME ZONE 'UTC';
  high timestamptz := (p_day + 1)::timestamp AT TIME ZONE 'UTC';
BEGIN
  IF to_regclass(quote_ident(piece)) IS NOT NULL THEN RETURN; END IF;
  -- Rows of that day may be in the default partition already: they move, and no others may follow meanwhile.
  LOCK TABLE history IN SHARE ROW EXCLUSIVE MODE;
  EXECUTE format('CREATE TABLE %I (LIKE history INCLUDING DEFAULTS INCLUDING INDEXES)', piece);
  EXECUTE format('WITH moved AS (DELETE FROM history_default WHERE ts >= %L AND ts < %L RETURNING *) INSERT INTO %I SELECT * FROM moved', low, high, piece);
  EXECUTE format('ALTER TABLE history ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', piece, low, high);
END $$;

CREATE FUNCTION history_drop_before(p_cutoff timestamptz) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  piece record;
  dropped int := 0;
BEGIN
  FOR piece IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'history'::regclass AND c.relname ~ '^history_[0-9]{8}$'
      AND (to_date(right(c.relname, 8), 'YYYYMMDD') + 1)::timestamp AT TIME ZONE 'UTC' <= p_cutoff
  LOOP
    EXECUTE format('DROP TABLE %I', piece.relname);
    dropped := dropped + 1;
  END LOOP;
  -- A device clock that is years behind makes no sample old: then the time of receipt counts.
  DELETE FROM history_default WHERE coalesce(server_ts, ts) < p_cutoff;
  RETURN dropped;
END $$;
`;
