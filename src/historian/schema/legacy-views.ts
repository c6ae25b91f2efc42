/** The tables that panels and queries written for the earlier platform know, as views over ours. */

const phases = ["a", "b", "c"] as const;
const upper = (phase: string): string => phase.toUpperCase();

// A breaker is a device with a switch position: its package says so, no list of types here.
const isBreaker = "s.device_id IN (SELECT device_id FROM series WHERE variable = 'Position')";

const measured = (variable: string, type: string): string =>
  `max(h.value) FILTER (WHERE s.variable = '${variable}' AND h.status >= 0)::${type}`;

const averageOf = (variable: string, name: string): string =>
  `sum(r.sum) FILTER (WHERE s.variable = '${variable}') / nullif(sum(r.n_good) FILTER (WHERE s.variable = '${variable}'), 0) AS avg_${name},
    min(r.min) FILTER (WHERE s.variable = '${variable}') AS min_${name},
    max(r.max) FILTER (WHERE s.variable = '${variable}') AS max_${name}`;

const statsView = (name: string, rollup: string): string => `
CREATE VIEW ${name} AS
SELECT r.bucket, s.device_id,
    ${phases.map((phase) => averageOf(`VoltagePhase${upper(phase)}`, `voltage_${phase}`)).join(",\n    ")},
    ${phases.map((phase) => averageOf(`CurrentPhase${upper(phase)}`, `current_${phase}`)).join(",\n    ")},
    ${averageOf("PowerFactor", "power_factor")},
    ${averageOf("Frequency", "frequency")},
    ${averageOf("Temperature", "temperature")},
    sum(r.n) AS measurement_count, min(r.first_ts) AS first_measurement, max(r.last_ts) AS last_measurement
FROM ${rollup} r JOIN series s USING (series_id)
WHERE ${isBreaker}
GROUP BY r.bucket, s.device_id;`;

// NaN and the infinities are no JSON numbers: they appear as texts.
const jsonValue = (row: string): string => `
  CASE WHEN ${row}.vtext IS NOT NULL THEN to_jsonb(${row}.vtext)
       WHEN ${row}.value IN ('NaN', 'Infinity', '-Infinity') THEN to_jsonb(${row}.value::text)
       ELSE to_jsonb(${row}.value) END`;

export const legacyScript = `
CREATE TABLE device_metadata (
  device_id text PRIMARY KEY,
  device_type text,
  device_name text,
  location text,
  manufacturer text,
  model text,
  capabilities jsonb,
  fdi_package_id text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION update_device_metadata(
  p_device_id text, p_device_type text DEFAULT NULL, p_device_name text DEFAULT NULL, p_location text DEFAULT NULL,
  p_manufacturer text DEFAULT NULL, p_model text DEFAULT NULL, p_capabilities jsonb DEFAULT NULL,
  p_fdi_package_id text DEFAULT NULL
) RETURNS void LANGUAGE sql AS $$
  INSERT INTO device_metadata AS m
    (device_id, device_type, device_name, location, manufacturer, model, capabilities, fdi_package_id)
  VALUES (p_device_id, p_device_type, p_device_name, p_location, p_manufacturer, p_model, p_capabilities, p_fdi_package_id)
  ON CONFLICT (device_id) DO UPDATE SET
    device_type = coalesce(excluded.device_type, m.device_type),
    device_name = coalesce(excluded.device_name, m.device_name),
    location = coalesce(excluded.location, m.location),
    manufacturer = coalesce(excluded.manufacturer, m.manufacturer),
    model = coalesce(excluded.model, m.model),
    capabilities = coalesce(excluded.capabilities, m.capabilities),
    fdi_package_id = coalesce(excluded.fdi_package_id, m.fdi_package_id),
    updated_at = now()
$$;

CREATE VIEW iot_raw_data AS
SELECT h.ts AS time, s.device_id, NULL::text AS topic,
  jsonb_object_agg(s.variable, ${jsonValue("h")}) AS payload,
  NULL::text AS message_id, coalesce(max(h.server_ts), h.ts) AS created_at
FROM history h JOIN series s USING (series_id)
GROUP BY h.ts, s.device_id;

CREATE VIEW iot_enriched_data AS
SELECT r.time, r.device_id, m.device_type, m.device_name, r.topic, r.payload AS measurements,
  jsonb_build_object('manufacturer', m.manufacturer, 'model', m.model, 'location', m.location, 'fdi_package_id', m.fdi_package_id) AS metadata,
  r.message_id, r.created_at
FROM iot_raw_data r LEFT JOIN device_metadata m USING (device_id);

CREATE VIEW smart_breaker_data AS
SELECT h.ts AS time, s.device_id,
  ${phases.map((phase) => `${measured(`VoltagePhase${upper(phase)}`, "numeric(10,3)")} AS voltage_phase_${phase}`).join(",\n  ")},
  ${phases.map((phase) => `${measured(`CurrentPhase${upper(phase)}`, "numeric(10,3)")} AS current_phase_${phase}`).join(",\n  ")},
  ${measured("PowerFactor", "numeric(5,3)")} AS power_factor,
  ${measured("Frequency", "numeric(6,2)")} AS frequency,
  ${measured("Temperature", "numeric(6,2)")} AS temperature,
  max(coalesce(h.vtext, h.value::text)) FILTER (WHERE s.variable = 'Position') AS status,
  '[]'::jsonb AS alarms, '{}'::jsonb AS metadata, coalesce(max(h.server_ts), h.ts) AS created_at
FROM history h JOIN series s USING (series_id)
WHERE ${isBreaker}
GROUP BY h.ts, s.device_id;

CREATE VIEW latest_device_status AS
SELECT s.device_id, m.device_type, m.device_name, max(l.ts) AS time,
  jsonb_object_agg(s.variable, ${jsonValue("l")}) AS measurements,
  jsonb_build_object('manufacturer', m.manufacturer, 'model', m.model, 'location', m.location, 'fdi_package_id', m.fdi_package_id) AS metadata
FROM series s
CROSS JOIN LATERAL (SELECT h.ts, h.value, h.vtext FROM history h WHERE h.series_id = s.series_id ORDER BY h.ts DESC LIMIT 1) l
LEFT JOIN device_metadata m USING (device_id)
GROUP BY s.device_id, m.device_id;
${statsView("smart_breaker_hourly_stats", "rollup_1h")}
${statsView("smart_breaker_daily_stats", "rollup_1d")}
`;
