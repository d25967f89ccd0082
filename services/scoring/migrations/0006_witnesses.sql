-- Signatures of witnesses that recomputed an epoch; public_key in hex. An outbox too: published says whether the bus has a
-- message of the epoch that carries the signature.
CREATE TABLE epoch_witnesses (
  netuid integer NOT NULL,
  epoch_index bigint NOT NULL,
  public_key text NOT NULL,
  signature bytea NOT NULL,
  published boolean NOT NULL,
  PRIMARY KEY (netuid, epoch_index, public_key),
  FOREIGN KEY (netuid, epoch_index) REFERENCES epochs
);
CREATE INDEX epoch_witnesses_unpublished ON epoch_witnesses (netuid, epoch_index) WHERE NOT published;
