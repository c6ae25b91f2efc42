import { copyColumns } from "#historian/codec/pg-copy.ts";

/** The statements of the history store, the same for every engine. */

/**
 * The upsert of rows as arrays: series_id, ts, value, status, and server_ts and vtext where rows have them. A column is left
 * out rather than sent empty: each costs the server another array to walk.
 */
export function appendSql(hasServerTimes: boolean, hasTexts: boolean): string {
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
  return `
INSERT INTO history (${columns.join(", ")})
SELECT * FROM unnest(${types.map((type, i) => `$${i + 1}::${type}[]`).join(", ")})
ON CONFLICT (series_id, ts) DO UPDATE
SET value = excluded.value, status = excluded.status, server_ts = excluded.server_ts, vtext = excluded.vtext
WHERE (history.value, history.status, history.vtext) IS DISTINCT FROM (excluded.value, excluded.status, excluded.vtext)`;
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
