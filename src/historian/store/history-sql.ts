import { copyColumns } from "#historian/codec/pg-copy.ts";

/** The statements of the history store, the same for every engine. */

/** Which columns rows have: one is left out rather than sent empty, each costs the server another array to walk. */
export interface RowShape {
  readonly hasServerTimes: boolean;
  readonly hasTexts: boolean;
}

/** The upsert of rows as arrays: series_id, ts, value, status, and server_ts and vtext where rows have them. */
export function upsertSql(shape: RowShape): string {
  const { columns, rows } = insertedBy(shape);
  return `
INSERT INTO history (${columns.join(", ")})
${rows}
ON CONFLICT (series_id, ts) DO UPDATE
SET value = excluded.value, status = excluded.status, server_ts = excluded.server_ts, vtext = excluded.vtext
WHERE (history.value, history.status, history.vtext) IS DISTINCT FROM (excluded.value, excluded.status, excluded.vtext)`;
}

/**
 * Inserts rows, given as for the upsert, when nothing is stored yet in their spans: series_id, first and last ts of each,
 * then the first and the last ts of all. Answers whether something was, with nothing inserted. ON CONFLICT costs the server
 * as much again as the row itself: it inserts on trial, under a lock of its own for each row.
 */
export function insertNewSql(shape: RowShape): string {
  const { columns, rows } = insertedBy(shape);
  const [ids, from, to, first, last] = [1, 2, 3, 4, 5].map((i) => `$${columns.length + i}`);
  return `
WITH met AS MATERIALIZED (
  SELECT FROM unnest(${ids}::int4[], ${from}::timestamptz[], ${to}::timestamptz[]) AS s(id, from_ts, to_ts)
  CROSS JOIN LATERAL (
    SELECT FROM history h WHERE h.series_id = s.id AND h.ts >= s.from_ts AND h.ts <= s.to_ts
      AND h.ts >= ${first}::timestamptz AND h.ts <= ${last}::timestamptz LIMIT 1
  ) found LIMIT 1
), inserted AS (
  INSERT INTO history (${columns.join(", ")})
  SELECT r.* FROM (${rows}) r WHERE NOT EXISTS (SELECT FROM met)
)
SELECT EXISTS (SELECT FROM met)::text`;
}

/** In the list of a SELECT the arrays are walked side by side; in FROM each would be put aside first. */
function insertedBy({ hasServerTimes, hasTexts }: RowShape) {
  const columns = ["series_id", "ts", "value", "status"];
  const types = ["int4", "timestamptz", "float8", "int4"];
  if (hasServerTimes) {
    columns.push("server_ts");
    types.push("timestamptz");
  }
  if (hasTexts) {
    columns.push("vtext");
    types.push("text");
  }
  return { columns, rows: `SELECT ${types.map((type, i) => `unnest($${i + 1}::${type}[])`).join(", ")}` };
}

export const markSql = `
INSERT INTO rollup_due (series_id, hour)
SELECT DISTINCT * FROM unnest($1::int4[], $2::timestamptz[]) ON CONFLICT DO NOTHING`;
export const copySql = `COPY history (${copyColumns}) FROM STDIN (FORMAT binary)`;

export const createSeriesSql = `
INSERT INTO series (node_key, device_id, variable, data_type, unit)
SELECT n.* FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) AS n(node_key, d, v, t, u)
WHERE NOT EXISTS (SELECT FROM series s WHERE s.node_key = n.node_key)
ON CONFLICT (node_key) DO NOTHING`;

export const describeSql = `
SELECT update_device_metadata(id, type, id, p_manufacturer => maker, p_model => model, p_fdi_package_id => package)::text
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) AS d(id, type, maker, model, package)`;

export const listSeriesSql = `
SELECT node_key, device_id, variable, data_type, unit FROM series ORDER BY device_id, variable`;

export const seriesIdsSql = `
SELECT array_send(array_agg(s.series_id ORDER BY k.ord))
FROM unnest($1::text[]) WITH ORDINALITY AS k(node_key, ord) JOIN series s USING (node_key)`;
