/** What people did to the history: values that were replaced, deleted or inserted, and their annotations. */
export const editScript = `
CREATE TABLE history_modified (
  ts timestamptz NOT NULL,
  value float8,
  modified timestamptz NOT NULL,
  number int8 GENERATED ALWAYS AS IDENTITY,
  series_id int4 NOT NULL,
  status int4 NOT NULL,
  kind int4 NOT NULL,
  username text NOT NULL,
  vtext text,
  PRIMARY KEY (series_id, ts, number)
);
COMMENT ON TABLE history_modified IS 'Values before they were replaced (kind 2, 3) or deleted (4), and values that were inserted by hand (1)';
CREATE TABLE history_annotations (
  ts timestamptz NOT NULL,
  written timestamptz NOT NULL,
  series_id int4 NOT NULL,
  username text NOT NULL,
  message text NOT NULL,
  PRIMARY KEY (series_id, ts, written, username)
);
`;
