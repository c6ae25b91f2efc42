/**
 * The statements that change history, each one transaction: the change, the values before it, and the mark that the
 * summaries of the hour are to be made again.
 */

const target = "target AS (SELECT series_id FROM series WHERE node_key = $1)";

const marked = (changed: string): string => `
marked AS (
  INSERT INTO rollup_due (series_id, hour)
  SELECT DISTINCT t.series_id, date_bin('1 hour', c.ts, TIMESTAMPTZ '2000-01-01 00:00:00+00') FROM target t, ${changed} c
  ON CONFLICT DO NOTHING
)`;

/** Codes of outcomes in the answers: what is not listed is 0. */
export const OutcomeCode = { inserted: 1, replaced: 2, deleted: 3 } as const;

// $6: new values are taken, $7: existing ones are replaced, $8: the kind of a replacement, $9: when, $10: by whom.
export const editSql = `
WITH ${target},
given AS (SELECT * FROM unnest($2::timestamptz[], $3::float8[], $4::int4[], $5::text[]) AS g(ts, value, status, vtext)),
old AS (
  SELECT h.* FROM target t CROSS JOIN given g
  CROSS JOIN LATERAL (SELECT * FROM history h WHERE h.series_id = t.series_id AND h.ts = g.ts) h
),
written AS (
  INSERT INTO history (series_id, ts, value, status, vtext)
  SELECT t.series_id, g.ts, g.value, coalesce(g.status, 0), g.vtext
  FROM target t CROSS JOIN given g LEFT JOIN old o ON o.ts = g.ts
  WHERE CASE WHEN o.ts IS NULL THEN $6::bool ELSE $7::bool END
  ON CONFLICT (series_id, ts) DO UPDATE
  SET value = excluded.value, status = excluded.status, server_ts = NULL, vtext = excluded.vtext
  WHERE $7::bool
  RETURNING history.ts
),
kept AS (
  INSERT INTO history_modified (series_id, ts, value, status, vtext, kind, modified, username)
  SELECT t.series_id, g.ts, CASE WHEN o.ts IS NULL THEN g.value ELSE o.value END,
    CASE WHEN o.ts IS NULL THEN coalesce(g.status, 0) ELSE o.status END,
    CASE WHEN o.ts IS NULL THEN g.vtext ELSE o.vtext END,
    CASE WHEN o.ts IS NULL THEN 1 ELSE $8::int4 END, $9::timestamptz, $10
  FROM target t CROSS JOIN written w JOIN given g ON g.ts = w.ts LEFT JOIN old o ON o.ts = w.ts
),${marked("written")}
SELECT array_send(array_agg(CASE WHEN w.ts IS NULL THEN 0 WHEN o.ts IS NULL THEN 1 ELSE 2 END ORDER BY g.ts))
FROM given g LEFT JOIN written w ON w.ts = g.ts LEFT JOIN old o ON o.ts = g.ts`;

const keptOfGone = `
kept AS (
  INSERT INTO history_modified (series_id, ts, value, status, vtext, kind, modified, username)
  SELECT series_id, ts, value, status, vtext, 4, $3::timestamptz, $4 FROM gone
)`;

/** $2: from and to. */
export const deleteRangeSql = `
WITH ${target},
gone AS (
  DELETE FROM history h USING target t
  WHERE h.series_id = t.series_id AND h.ts >= ($2::timestamptz[])[1] AND h.ts < ($2::timestamptz[])[2]
  RETURNING h.*
),${keptOfGone},${marked("gone")}
SELECT count(*)::text FROM gone`;

/** $2: the times. */
export const deleteAtSql = `
WITH ${target},
given AS (SELECT * FROM unnest($2::timestamptz[]) AS g(ts)),
gone AS (
  DELETE FROM history h USING target t, given g WHERE h.series_id = t.series_id AND h.ts = g.ts RETURNING h.*
),${keptOfGone},${marked("gone")}
SELECT array_send(array_agg(CASE WHEN d.ts IS NULL THEN 0 ELSE 3 END ORDER BY g.ts))
FROM given g LEFT JOIN gone d ON d.ts = g.ts`;

export const deleteModifiedSql = `
WITH ${target},
gone AS (
  DELETE FROM history_modified h USING target t
  WHERE h.series_id = t.series_id AND h.ts >= ($2::timestamptz[])[1] AND h.ts < ($2::timestamptz[])[2]
  RETURNING h.ts
)
SELECT count(*)::text FROM gone`;

/** $2: from, to and the time of the last one given; $3: the number of that one; $4: the limit. */
const modifiedSql = (direction: "ASC" | "DESC", beyond: ">" | "<"): string => `
SELECT array_send(array_agg(ts)), array_send(array_agg(value)), array_send(array_agg(status)),
  CASE WHEN count(vtext) > 0 THEN array_send(array_agg(vtext)) END,
  array_send(array_agg(kind)), array_send(array_agg(modified)), array_send(array_agg(username)),
  array_send(array_agg(number::float8))
FROM (
  SELECT m.* FROM series s JOIN history_modified m USING (series_id)
  WHERE s.node_key = $1 AND m.ts >= ($2::timestamptz[])[1] AND m.ts < ($2::timestamptz[])[2]
    AND (m.ts ${beyond} ($2::timestamptz[])[3] OR (m.ts = ($2::timestamptz[])[3] AND m.number < $3::int8))
  ORDER BY m.ts ${direction}, m.number DESC LIMIT $4::int4
) page`;
export const modifiedForwardSql = modifiedSql("ASC", ">");
export const modifiedReverseSql = modifiedSql("DESC", "<");

/** $2: from and to; $3: how many to skip; $4: the limit. */
const annotationsSql = (direction: "ASC" | "DESC"): string => `
SELECT array_send(array_agg(ts)), array_send(array_agg(written)), array_send(array_agg(username)),
  array_send(array_agg(message))
FROM (
  SELECT a.* FROM series s JOIN history_annotations a USING (series_id)
  WHERE s.node_key = $1 AND a.ts >= ($2::timestamptz[])[1] AND a.ts < ($2::timestamptz[])[2]
  ORDER BY a.ts ${direction}, a.written, a.username OFFSET $3::int8 LIMIT $4::int4
) page`;
export const annotationsForwardSql = annotationsSql("ASC");
export const annotationsReverseSql = annotationsSql("DESC");

export const annotatedSql = `
SELECT s.device_id, s.variable FROM series s
WHERE EXISTS (SELECT FROM history_annotations a WHERE a.series_id = s.series_id) ORDER BY s.node_key`;

const givenAnnotations = `
given AS (
  SELECT * FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::text[])
    WITH ORDINALITY AS g(ts, written, username, message, place)
)`;

// $6: new ones are taken, $7: existing ones are replaced.
export const annotateSql = `
WITH ${target},${givenAnnotations},
old AS (SELECT a.* FROM target t JOIN history_annotations a USING (series_id) JOIN given g USING (ts, written, username)),
changed AS (
  INSERT INTO history_annotations (series_id, ts, written, username, message)
  SELECT t.series_id, g.ts, g.written, g.username, g.message
  FROM target t CROSS JOIN given g LEFT JOIN old o USING (ts, written, username)
  WHERE CASE WHEN o.ts IS NULL THEN $6::bool ELSE $7::bool END
  ON CONFLICT (series_id, ts, written, username) DO UPDATE SET message = excluded.message
  RETURNING ts, written, username
)
SELECT array_send(array_agg(CASE WHEN c.ts IS NULL THEN 0 WHEN o.ts IS NULL THEN 1 ELSE 2 END ORDER BY g.place))
FROM given g LEFT JOIN changed c USING (ts, written, username) LEFT JOIN old o USING (ts, written, username)`;

export const removeAnnotationsSql = `
WITH ${target},${givenAnnotations},
gone AS (
  DELETE FROM history_annotations a USING target t, given g
  WHERE a.series_id = t.series_id AND (a.ts, a.written, a.username) = (g.ts, g.written, g.username)
  RETURNING g.place
)
SELECT array_send(array_agg(CASE WHEN d.place IS NULL THEN 0 ELSE 3 END ORDER BY g.place))
FROM given g LEFT JOIN gone d USING (place)`;
