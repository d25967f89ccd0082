-- API keys: this table is their record, bucket api-keys on the bus is a copy of the valid ones that is made from it.
CREATE TABLE api_keys (
  -- Order of making; pages go by it.
  number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  key_id text PRIMARY KEY CHECK (key_id ~ '^[0-9a-f]{16}$'),
  account text NOT NULL REFERENCES accounts,
  name text NOT NULL,
  -- Of the whole key as text. The key itself is told once and kept nowhere.
  secret_sha256 bytea NOT NULL CHECK (octet_length(secret_sha256) = 32),
  created_at_ms bigint NOT NULL,
  -- A revoked key stays, so that people can see when it ended.
  revoked_at_ms bigint
);
CREATE INDEX api_keys_by_account ON api_keys (account, number DESC);
CREATE INDEX api_keys_valid ON api_keys (account) WHERE revoked_at_ms IS NULL;
