-- Evidence names its epochs by their hashes, so that it can cover as many as its condition asks; their texts stand here.
-- Evidence from before holds them itself and has no rows.
CREATE TABLE evidence_epochs (
  sha256 text NOT NULL,
  epoch_index bigint NOT NULL,
  said text NOT NULL,
  PRIMARY KEY (sha256, epoch_index)
);
