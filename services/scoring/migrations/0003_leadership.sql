-- Whose writes count as the leader's: each take-over raises the term, and each transaction of a leader shares a lock on
-- the row, so that a term never changes under one.
CREATE TABLE leadership (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  term bigint NOT NULL
);
INSERT INTO leadership (term) VALUES (0);

-- Documents of an epoch are megabytes: lz4 takes a tenth of the time of the default, where the server was built with it.
DO $$
BEGIN
  ALTER TABLE epochs ALTER COLUMN inputs_json SET COMPRESSION lz4, ALTER COLUMN outputs_json SET COMPRESSION lz4,
    ALTER COLUMN bonds SET COMPRESSION lz4, ALTER COLUMN metagraph SET COMPRESSION lz4, ALTER COLUMN scored SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
  RAISE NOTICE 'this server has no lz4: documents are stored with its default compression';
END
$$;
