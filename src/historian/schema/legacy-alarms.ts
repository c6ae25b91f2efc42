/** The alarms as the earlier platform showed them: a row per time that an alarm was active, in its newest state. */
export const legacyAlarmScript = `
CREATE VIEW alarm_instances AS
SELECT id, NULL::int4 AS rule_id, device_id, NULL::int4 AS device_type_id, name AS alarm_type,
  CASE WHEN severity > 800 THEN 'critical' WHEN severity > 600 THEN 'high' WHEN severity > 300 THEN 'medium' ELSE 'low' END AS severity,
  CASE WHEN (state ->> 'suppressed')::boolean THEN 'suppressed'
       WHEN NOT (state ->> 'active')::boolean THEN 'resolved'
       WHEN (state ->> 'acknowledged')::boolean THEN 'acknowledged'
       ELSE 'active' END AS status,
  to_timestamp((state ->> 'activeAt')::float8 / 1000) AS triggered_at,
  CASE WHEN NOT (state ->> 'active')::boolean THEN to_timestamp((state ->> 'clearedAt')::float8 / 1000) END AS resolved_at,
  to_timestamp((state ->> 'acknowledgedAt')::float8 / 1000) AS acknowledged_at,
  acknowledged_by, record AS alarm_data, message AS alarm_message, state #>> '{comment,text}' AS resolution_notes
FROM (
  SELECT e.*, e.record #> '{alarm,state}' AS state,
    min(e.seq) OVER activity AS id,
    max(e.user_name) FILTER (WHERE e.kind = 'acknowledged') OVER activity AS acknowledged_by,
    e.seq = max(e.seq) OVER activity AS is_newest
  FROM event e
  WHERE e.record #>> '{alarm,state,activeAt}' IS NOT NULL
  WINDOW activity AS (PARTITION BY e.device_id, e.name, e.record #>> '{alarm,state,activeAt}')
) latest
WHERE is_newest;
`;
