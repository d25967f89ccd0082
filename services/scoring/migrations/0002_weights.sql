-- Weights in the open and time-locked commits beside salted ones.

-- A policy says how weights are submitted; before there was a choice they were salted.
UPDATE subnets SET policy = (
  (policy::jsonb - 'revealPeriodEpochs') || jsonb_build_object(
    'commitReveal', jsonb_build_object('type', 'Salted', 'revealPeriodEpochs', policy::jsonb -> 'revealPeriodEpochs'),
    'weightsRateLimitBlocks', 100,
    'missedReveal', 'Keep'
  )
)::text;

-- round and beacon (JSON) of a time-locked commit; failure: the code of why it did not open.
ALTER TABLE commits ADD COLUMN kind text NOT NULL DEFAULT 'Salted' CHECK (kind IN ('Salted', 'Timelock'));
ALTER TABLE commits ALTER COLUMN kind DROP DEFAULT;
ALTER TABLE commits ADD COLUMN round bigint;
ALTER TABLE commits ADD COLUMN beacon text;
ALTER TABLE commits ADD COLUMN failure text;
CREATE INDEX commits_locked ON commits (netuid, reveal_interval, round)
  WHERE kind = 'Timelock' AND NOT revealed AND failure IS NULL;

-- Rows however they came. A beacon brings one without an envelope: the commit's, and the round, prove it.
ALTER TABLE reveals RENAME TO weight_rows;
ALTER TABLE weight_rows RENAME COLUMN commit_interval TO interval_index;
ALTER TABLE weight_rows RENAME COLUMN commit_block TO block;
ALTER TABLE weight_rows ADD COLUMN source text NOT NULL DEFAULT 'Salted' CHECK (source IN ('Salted', 'Timelock', 'Open'));
ALTER TABLE weight_rows ALTER COLUMN source DROP DEFAULT;
ALTER TABLE weight_rows ADD COLUMN hash text NOT NULL DEFAULT '';
ALTER TABLE weight_rows ALTER COLUMN hash DROP DEFAULT;
ALTER TABLE weight_rows ALTER COLUMN envelope DROP NOT NULL;
ALTER TABLE weight_rows ALTER COLUMN envelope_sequence DROP NOT NULL;
ALTER TABLE weight_rows DROP CONSTRAINT reveals_pkey;
ALTER TABLE weight_rows ADD PRIMARY KEY (netuid, registration_id, mechanism_id, interval_index, source);

-- Which row counts. emptied: its weights do not, until a newer row comes.
CREATE TABLE rows_in_force (
  netuid integer NOT NULL,
  registration_id text NOT NULL,
  mechanism_id integer NOT NULL,
  interval_index bigint NOT NULL,
  source text NOT NULL,
  block bigint NOT NULL,
  emptied boolean NOT NULL,
  PRIMARY KEY (netuid, registration_id, mechanism_id),
  FOREIGN KEY (netuid, registration_id, mechanism_id, interval_index, source) REFERENCES weight_rows
);
INSERT INTO rows_in_force
  SELECT DISTINCT ON (netuid, registration_id, mechanism_id)
    netuid, registration_id, mechanism_id, interval_index, source, block, false
  FROM weight_rows ORDER BY netuid, registration_id, mechanism_id, interval_index DESC;

-- Highest sequence of a registration's envelopes that was taken: a lower one is a replay.
CREATE TABLE envelope_sequences (
  netuid integer NOT NULL,
  registration_id text NOT NULL,
  kind text NOT NULL,
  sequence numeric(20, 0) NOT NULL,
  PRIMARY KEY (netuid, registration_id, kind)
);
INSERT INTO envelope_sequences
  SELECT netuid, registration_id, 'commit', max(envelope_sequence) FROM commits GROUP BY netuid, registration_id
  UNION ALL
  SELECT netuid, registration_id, 'reveal', max(envelope_sequence) FROM weight_rows GROUP BY netuid, registration_id;

-- Verified rounds of beacons that opened commits here.
CREATE TABLE beacon_rounds (
  public_key text NOT NULL,
  round bigint NOT NULL,
  signature bytea NOT NULL,
  PRIMARY KEY (public_key, round)
);
