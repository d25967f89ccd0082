-- What validators say of faults becomes evidence for slashes.

-- What a row's report says of faults: JSON, a list of [registration, unanswered, failed audits, sha256 of what shows them]. The
-- default stays: a service of the version before may still write while this one starts.
ALTER TABLE weight_rows ADD COLUMN faults text NOT NULL DEFAULT '[]';

-- The ledger's terms for it (JSON), asked once: genesis says them for ever.
CREATE TABLE fault_terms (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  terms text NOT NULL
);

-- Epochs in a row in which a neuron had faults; gone once they are evidence, or where one without faults came. said: JSON.
CREATE TABLE fault_epochs (
  netuid integer NOT NULL,
  type text NOT NULL,
  registration_id text NOT NULL,
  epoch_index bigint NOT NULL,
  faults bigint NOT NULL CHECK (faults > 0),
  said text NOT NULL,
  PRIMARY KEY (netuid, type, registration_id, epoch_index)
);

-- Evidence by the sha256 of its document; an outbox too: without an outcome the ledger was not told yet.
CREATE TABLE evidence (
  sha256 text PRIMARY KEY,
  netuid integer NOT NULL,
  type text NOT NULL,
  registration_id text NOT NULL,
  hotkey text NOT NULL,
  from_epoch bigint NOT NULL,
  to_epoch bigint NOT NULL,
  offence_block bigint NOT NULL,
  measured bigint NOT NULL,
  document text NOT NULL,
  outcome text CHECK (outcome IN ('reported', 'refused')),
  -- Of a report the slash (hex), of a refusal its code.
  outcome_detail text
);
CREATE UNIQUE INDEX evidence_once ON evidence (netuid, type, registration_id, to_epoch);
CREATE INDEX evidence_by_epoch ON evidence (netuid, to_epoch);
CREATE INDEX evidence_waiting ON evidence (to_epoch) WHERE outcome IS NULL;
