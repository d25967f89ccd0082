-- Scoring's own state. Integers that people count fit in bigint; sequences of envelopes are u64, stake is money.

CREATE TABLE network (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  network_id text NOT NULL
);

-- How far the ledger's stream has taken effect here.
CREATE TABLE ledger_position (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  block bigint NOT NULL,
  sequence bigint NOT NULL
);
INSERT INTO ledger_position (block, sequence) VALUES (0, 0);

-- sequence: of the ledger's message that the row comes from; older messages change nothing.
CREATE TABLE subnets (
  netuid integer PRIMARY KEY,
  sequence bigint NOT NULL,
  start_block bigint NOT NULL,
  interval_index bigint NOT NULL,
  policy text NOT NULL
);

CREATE TABLE registrations (
  netuid integer NOT NULL,
  registration_id text NOT NULL,
  uid integer NOT NULL,
  hotkey text NOT NULL,
  coldkey text NOT NULL,
  registered_at bigint NOT NULL,
  stake numeric(39, 0) NOT NULL CHECK (stake >= 0),
  ended boolean NOT NULL,
  sequence bigint NOT NULL,
  PRIMARY KEY (netuid, registration_id)
);

-- One commit a registration, mechanism and interval: the primary key is the rate limit.
CREATE TABLE commits (
  netuid integer NOT NULL,
  mechanism_id integer NOT NULL,
  registration_id text NOT NULL,
  interval_index bigint NOT NULL,
  reveal_interval bigint NOT NULL,
  hash text NOT NULL,
  block bigint NOT NULL,
  revealed boolean NOT NULL,
  envelope_sequence numeric(20, 0) NOT NULL,
  envelope bytea NOT NULL,
  PRIMARY KEY (netuid, registration_id, mechanism_id, interval_index)
);
CREATE INDEX commits_by_reveal ON commits (netuid, reveal_interval);

CREATE TABLE reveals (
  netuid integer NOT NULL,
  mechanism_id integer NOT NULL,
  registration_id text NOT NULL,
  commit_interval bigint NOT NULL,
  commit_block bigint NOT NULL,
  uid integer NOT NULL,
  weights text NOT NULL,
  report text NOT NULL,
  envelope_sequence numeric(20, 0) NOT NULL,
  envelope bytea NOT NULL,
  PRIMARY KEY (netuid, registration_id, mechanism_id, commit_interval)
);

-- Permits that came out of an epoch; they hold in the interval after it.
CREATE TABLE permits (
  netuid integer NOT NULL,
  epoch_index bigint NOT NULL,
  registration_id text NOT NULL,
  PRIMARY KEY (netuid, epoch_index, registration_id)
);

-- The journal and the outbox in one: sequence is scoring's own, published says whether the bus has the message.
CREATE TABLE epochs (
  netuid integer NOT NULL,
  epoch_index bigint NOT NULL,
  sequence bigint NOT NULL UNIQUE,
  previous_sequence bigint NOT NULL,
  block bigint NOT NULL,
  due_sequence bigint NOT NULL,
  policy_version bigint NOT NULL,
  yuma_version integer NOT NULL,
  pot numeric(39, 0) NOT NULL CHECK (pot >= 0),
  revealed integer NOT NULL,
  incentives_above_zero boolean NOT NULL,
  inputs_json text NOT NULL,
  inputs_sha256 text NOT NULL,
  outputs_json text NOT NULL,
  outputs_sha256 text NOT NULL,
  bonds text NOT NULL,
  metagraph bytea NOT NULL,
  scored bytea NOT NULL,
  published boolean NOT NULL,
  PRIMARY KEY (netuid, epoch_index)
);
CREATE INDEX epochs_unpublished ON epochs (sequence) WHERE NOT published;

-- Epochs that came before the one they build on: kept until that has been scored.
CREATE TABLE early_epochs (
  netuid integer NOT NULL,
  epoch_index bigint NOT NULL,
  message bytea NOT NULL,
  PRIMARY KEY (netuid, epoch_index)
);
