-- What an audit from outside found. While one is open the ledger pays no epoch; a person closes it and says why.
CREATE TABLE audit_incidents (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  check_name text NOT NULL,
  sequence bigint NOT NULL,
  message text NOT NULL,
  found_at timestamptz NOT NULL DEFAULT now(),
  cleared_at timestamptz,
  cleared_because text,
  CHECK ((cleared_at IS NULL) = (cleared_because IS NULL))
);
-- An audit that finds the same again adds nothing.
CREATE UNIQUE INDEX audit_incidents_open ON audit_incidents (check_name) WHERE cleared_at IS NULL;
