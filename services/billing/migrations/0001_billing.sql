-- Who pays. Balances are the ledger's alone: the money of `account` is its account billing:<account>.
CREATE TABLE accounts (
  account text PRIMARY KEY,
  owner text NOT NULL,
  display_name text NOT NULL
);

-- A lease is a hold at the ledger under the same id. The row stands before the hold is asked for, so that a crash
-- between the two is repeated with the same terms.
CREATE TABLE leases (
  lease_id text PRIMARY KEY,
  account text NOT NULL REFERENCES accounts,
  instance text NOT NULL,
  asked_rao numeric(39, 0) NOT NULL CHECK (asked_rao > 0),
  granted_rao numeric(39, 0) NOT NULL CHECK (granted_rao > 0),
  expires_at_block bigint NOT NULL,
  state text NOT NULL CHECK (state IN ('Granting', 'Open', 'Refused', 'Released', 'Expired')),
  -- Set when the gateway closed the lease: no counter above it will come.
  last_counter bigint CHECK (last_counter >= 0),
  -- The gateway was killed: what has come when this is set is all that will come, gaps or not.
  abandoned boolean NOT NULL DEFAULT false
);
CREATE INDEX leases_unfinished ON leases (expires_at_block) WHERE state IN ('Granting', 'Open');

-- Every price that the gateway may have sold at; a row stands here before the bucket tells of it.
CREATE TABLE prices (
  netuid integer NOT NULL,
  policy_version bigint NOT NULL,
  owner_coldkey text NOT NULL,
  lines jsonb NOT NULL,
  PRIMARY KEY (netuid, policy_version)
);

-- A hotkey has one owner for ever.
CREATE TABLE payees (
  hotkey text PRIMARY KEY,
  coldkey text NOT NULL
);

-- One row a request id, kept for ever: this is what makes a repeated delivery harmless.
CREATE TABLE usage (
  arrival bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  request_id text PRIMARY KEY,
  content_sha256 text NOT NULL,
  lease_id text NOT NULL,
  counter bigint NOT NULL CHECK (counter > 0),
  account text NOT NULL,
  netuid integer NOT NULL,
  model text NOT NULL,
  units jsonb NOT NULL,
  policy_version bigint NOT NULL,
  max_rao numeric(39, 0) NOT NULL CHECK (max_rao >= 0),
  quoted_rao numeric(39, 0) NOT NULL CHECK (quoted_rao >= 0),
  miner_hotkey text NOT NULL,
  miner_uid integer NOT NULL,
  receipt_id text NOT NULL,
  receipt bytea NOT NULL,
  time_ms bigint NOT NULL,
  state text NOT NULL CHECK (state IN ('Received', 'Rated', 'Posted', 'Empty', 'WrittenOff')),
  -- Set when rated: what is posted, and to whom, never changes between two attempts.
  amount_rao numeric(39, 0),
  miner_rao numeric(39, 0),
  owner_rao numeric(39, 0),
  network_rao numeric(39, 0),
  miner_coldkey text,
  owner_coldkey text,
  -- Why it was written off.
  reason text,
  ledger_sequence bigint,
  invoice_number bigint,
  CHECK (state NOT IN ('Rated', 'Posted') OR amount_rao = miner_rao + owner_rao + network_rao),
  CHECK ((state = 'Posted') = (invoice_number IS NOT NULL))
);
CREATE INDEX usage_unsettled ON usage (arrival) WHERE state IN ('Received', 'Rated');
CREATE INDEX usage_by_lease ON usage (lease_id);
CREATE INDEX usage_by_invoice ON usage (invoice_number, arrival) WHERE invoice_number IS NOT NULL;

-- One an account and UTC day. Numbers have no gaps: they come from the counter below in the same transaction.
CREATE TABLE invoices (
  number bigint PRIMARY KEY,
  account text NOT NULL,
  period text NOT NULL CHECK (period ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'),
  total_rao numeric(39, 0) NOT NULL DEFAULT 0,
  line_count bigint NOT NULL DEFAULT 0,
  UNIQUE (account, period)
);
CREATE TABLE invoice_counter (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  last_number bigint NOT NULL
);
INSERT INTO invoice_counter (last_number) VALUES (0);
