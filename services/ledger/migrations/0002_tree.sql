-- The tree over the journal's entries, derived from them and stored so that a start reads its right edge only. A journal
-- that is older than the tree is indexed by the running ledger, in steps.

-- One row: where the tree ends, and the newest checkpoint that was signed. A signed one is never taken back.
CREATE TABLE tree (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  size bigint NOT NULL CHECK (size >= 0),
  root text NOT NULL CHECK (length(root) = 64),
  checkpoint_size bigint CHECK (checkpoint_size <= size),
  checkpoint text,
  CHECK ((checkpoint_size IS NULL) = (checkpoint IS NULL))
);
-- The root of no entries: SHA-256 of nothing.
INSERT INTO tree (size, root) VALUES (0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');

-- Up to 256 hashes of one height, as C2SP tlog-tiles has them. A tile grows at its end until it is full; the partial tiles
-- of smaller trees are its beginnings.
CREATE TABLE tree_tiles (
  level integer NOT NULL CHECK (level >= 0),
  tile_index bigint NOT NULL CHECK (tile_index >= 0),
  hashes bytea NOT NULL CHECK (length(hashes) % 32 = 0 AND length(hashes) BETWEEN 32 AND 8192),
  PRIMARY KEY (level, tile_index)
) WITH (fillfactor = 70);
