-- The journal and the state that follows from it. The journal is the record; accounts, holds and documents are what it
-- comes to, stored so that a start does not replay it.

-- One row: who may write, and where the journal ends. A writer that took over raises the epoch, and every batch compares it.
CREATE TABLE writer (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  epoch bigint NOT NULL,
  last_sequence bigint NOT NULL,
  last_hash text NOT NULL,
  outbox_cursor bigint NOT NULL
);
INSERT INTO writer (epoch, last_sequence, last_hash, outbox_cursor) VALUES (0, 0, repeat('0', 64), 0);

CREATE TABLE entries (
  sequence bigint PRIMARY KEY CHECK (sequence > 0),
  block bigint NOT NULL CHECK (block >= 0),
  kind text NOT NULL,
  -- RFC 8785 text, byte for byte what the hash covers; hence not jsonb.
  payload text NOT NULL,
  hash text NOT NULL CHECK (length(hash) = 64),
  event_address text,
  previous_event_sequence bigint NOT NULL,
  -- For people; nothing is decided by it.
  recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX entries_with_events ON entries (sequence) WHERE event_address IS NOT NULL;

CREATE TABLE event_addresses (
  address text PRIMARY KEY,
  last_sequence bigint NOT NULL
);

CREATE TABLE postings (
  sequence bigint NOT NULL REFERENCES entries (sequence),
  position integer NOT NULL,
  account text NOT NULL,
  asset text NOT NULL,
  delta numeric(39, 0) NOT NULL CHECK (delta <> 0),
  balance_after numeric(39, 0) NOT NULL,
  PRIMARY KEY (sequence, position)
);
CREATE INDEX postings_of_account ON postings (account, sequence);

-- Idempotency keys, kept for ever.
CREATE TABLE claims (
  key text PRIMARY KEY,
  sequence bigint NOT NULL,
  content_sha256 text NOT NULL
);

-- The floor is checked here again: the database is a second judge of what the sequencer decided.
CREATE TABLE accounts (
  asset text NOT NULL,
  id text NOT NULL,
  posted numeric(39, 0) NOT NULL,
  held numeric(39, 0) NOT NULL CHECK (held >= 0),
  PRIMARY KEY (asset, id),
  CHECK (id = 'mint' OR posted >= held)
) WITH (fillfactor = 70);

-- Open holds only; what closed is in the journal.
CREATE TABLE holds (
  id text PRIMARY KEY,
  account text NOT NULL,
  asset text NOT NULL,
  amount numeric(39, 0) NOT NULL CHECK (amount > 0),
  remaining numeric(39, 0) NOT NULL CHECK (remaining > 0 AND remaining <= amount),
  expires_at_block bigint NOT NULL
);

-- Rows of the economy's tables (subnets, neurons, mandates, …), one document each.
CREATE TABLE documents (
  table_name text NOT NULL,
  key text NOT NULL,
  body text NOT NULL,
  PRIMARY KEY (table_name, key)
) WITH (fillfactor = 70);
