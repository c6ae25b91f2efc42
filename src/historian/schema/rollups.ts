/**
 * Summaries per minute, hour and day as states that can be merged (a time average over k buckets = the sum of the areas
 * plus the k - 1 joints between last and first values), made by a job for every (series, hour) in which something was stored.
 */

const stateColumns = `
  series_id int4 NOT NULL,
  bucket timestamptz NOT NULL,
  n int4 NOT NULL,
  n_good int4 NOT NULL,
  n_bad int4 NOT NULL,
  sum float8,
  sum2 float8,
  min float8,
  min_ts timestamptz,
  max float8,
  max_ts timestamptz,
  first_ts timestamptz NOT NULL,
  first_v float8,
  first_q int4 NOT NULL,
  last_ts timestamptz NOT NULL,
  last_v float8,
  last_q int4 NOT NULL,
  area_step float8 NOT NULL,
  area_slope float8 NOT NULL,
  good_ms float8 NOT NULL,
  transitions int4 NOT NULL,
  worst int4 NOT NULL,
  PRIMARY KEY (series_id, bucket)`;

// Values and areas are of good samples; an area belongs to the bucket in which both its samples lie.
const minutesSql = `
  INSERT INTO rollup_1m
  SELECT series_id, bucket, count(*), count(*) FILTER (WHERE good), count(*) FILTER (WHERE status < 0),
    sum(value) FILTER (WHERE good), sum(value * value) FILTER (WHERE good),
    min(value) FILTER (WHERE good), (array_agg(ts ORDER BY value, ts) FILTER (WHERE good AND value IS NOT NULL))[1],
    max(value) FILTER (WHERE good), (array_agg(ts ORDER BY value DESC, ts) FILTER (WHERE good AND value IS NOT NULL))[1],
    min(ts), (array_agg(value ORDER BY ts))[1], (array_agg(status ORDER BY ts))[1],
    max(ts), (array_agg(value ORDER BY ts DESC))[1], (array_agg(status ORDER BY ts DESC))[1],
    coalesce(sum(value * next_ms) FILTER (WHERE good), 0),
    coalesce(sum((value + next_value) / 2 * next_ms) FILTER (WHERE good AND next_good), 0),
    coalesce(sum(next_ms) FILTER (WHERE good), 0),
    count(*) FILTER (WHERE good AND next_good AND next_value <> value),
    (array_agg(status ORDER BY CASE WHEN status < 0 THEN 0 WHEN good THEN 2 ELSE 1 END, ts))[1]
  FROM (
    SELECT h.series_id, date_bin('1 minute', h.ts, TIMESTAMPTZ '2000-01-01 00:00:00+00') AS bucket, h.ts, h.value, h.status,
      h.status BETWEEN 0 AND 1073741823 AS good,
      lead(h.value) OVER later AS next_value,
      lead(h.status) OVER later BETWEEN 0 AND 1073741823 AS next_good,
      extract(epoch FROM lead(h.ts) OVER later - h.ts)::float8 * 1000 AS next_ms
    FROM unnest(p_series, p_hours) AS due(series_id, hour)
    JOIN history h ON h.series_id = due.series_id AND h.ts >= due.hour AND h.ts < due.hour + INTERVAL '1 hour'
    WINDOW later AS (PARTITION BY h.series_id, date_bin('1 minute', h.ts, TIMESTAMPTZ '2000-01-01 00:00:00+00') ORDER BY h.ts)
  ) samples
  GROUP BY series_id, bucket;`;

/** Merges the buckets of \`from\` into those of \`into\`; the joints between neighbours become areas. */
const mergeSql = (from: string, into: string, length: string, buckets: string): string => `
  INSERT INTO ${into}
  SELECT series_id, larger, sum(n), sum(n_good), sum(n_bad), sum(sum), sum(sum2),
    min(min), (array_agg(min_ts ORDER BY min, min_ts) FILTER (WHERE min IS NOT NULL))[1],
    max(max), (array_agg(max_ts ORDER BY max DESC, max_ts) FILTER (WHERE max IS NOT NULL))[1],
    min(first_ts), (array_agg(first_v ORDER BY bucket))[1], (array_agg(first_q ORDER BY bucket))[1],
    max(last_ts), (array_agg(last_v ORDER BY bucket DESC))[1], (array_agg(last_q ORDER BY bucket DESC))[1],
    sum(area_step) + coalesce(sum(last_v * joint_ms) FILTER (WHERE last_good), 0),
    sum(area_slope) + coalesce(sum((last_v + next_v) / 2 * joint_ms) FILTER (WHERE last_good AND next_good), 0),
    sum(good_ms) + coalesce(sum(joint_ms) FILTER (WHERE last_good), 0),
    sum(transitions) + count(*) FILTER (WHERE last_good AND next_good AND next_v <> last_v),
    (array_agg(worst ORDER BY CASE WHEN worst < 0 THEN 0 WHEN worst BETWEEN 0 AND 1073741823 THEN 2 ELSE 1 END, bucket))[1]
  FROM (
    SELECT r.*, due.bucket AS larger, r.last_q BETWEEN 0 AND 1073741823 AS last_good,
      lead(r.first_v) OVER later AS next_v,
      lead(r.first_q) OVER later BETWEEN 0 AND 1073741823 AS next_good,
      extract(epoch FROM lead(r.first_ts) OVER later - r.last_ts)::float8 * 1000 AS joint_ms
    FROM (${buckets}) AS due(series_id, bucket)
    JOIN ${from} r ON r.series_id = due.series_id AND r.bucket >= due.bucket AND r.bucket < due.bucket + INTERVAL '${length}'
    WINDOW later AS (PARTITION BY r.series_id, due.bucket ORDER BY r.bucket)
  ) pieces
  GROUP BY series_id, larger;`;

const daysOf = "SELECT DISTINCT s, date_trunc('day', h, 'UTC') FROM unnest(p_series, p_hours) AS marks(s, h)";
const hoursOf = "SELECT s, h FROM unnest(p_series, p_hours) AS marks(s, h)";

export const rollupScript = `
CREATE TABLE rollup_1m (${stateColumns});
CREATE TABLE rollup_1h (${stateColumns});
CREATE TABLE rollup_1d (${stateColumns});
CREATE TABLE rollup_due (series_id int4 NOT NULL, hour timestamptz NOT NULL, PRIMARY KEY (hour, series_id));

CREATE FUNCTION rollup_rebuild(p_series int4[], p_hours timestamptz[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM rollup_1m r USING unnest(p_series, p_hours) AS due(series_id, hour)
  WHERE r.series_id = due.series_id AND r.bucket >= due.hour AND r.bucket < due.hour + INTERVAL '1 hour';
  ${minutesSql}
  DELETE FROM rollup_1h r USING (${hoursOf}) AS due(series_id, bucket)
  WHERE r.series_id = due.series_id AND r.bucket = due.bucket;
  ${mergeSql("rollup_1m", "rollup_1h", "1 hour", hoursOf)}
  DELETE FROM rollup_1d r USING (${daysOf}) AS due(series_id, bucket)
  WHERE r.series_id = due.series_id AND r.bucket = due.bucket;
  ${mergeSql("rollup_1h", "rollup_1d", "1 day", daysOf)}
END $$;

-- Rebuilds up to p_limit hours that ended before p_until; returns how many.
CREATE FUNCTION rollup_refresh(p_until timestamptz, p_limit int4) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  due_series int4[];
  due_hours timestamptz[];
BEGIN
  WITH taken AS (
    DELETE FROM rollup_due WHERE (hour, series_id) IN (
      SELECT hour, series_id FROM rollup_due WHERE hour <= p_until - INTERVAL '1 hour'
      ORDER BY hour, series_id LIMIT p_limit FOR UPDATE SKIP LOCKED
    ) RETURNING series_id, hour
  )
  SELECT array_agg(series_id), array_agg(hour) INTO due_series, due_hours FROM taken;
  IF due_series IS NULL THEN RETURN 0; END IF;
  PERFORM rollup_rebuild(due_series, due_hours);
  RETURN cardinality(due_series);
END $$;

INSERT INTO rollup_due SELECT DISTINCT series_id, date_trunc('hour', ts, 'UTC') FROM history;
`;
