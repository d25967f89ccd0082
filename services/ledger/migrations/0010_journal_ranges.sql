-- The journal in ranges of its sequence. Old ones can be archived and detached; the index of one is as large as a range. There
-- are no foreign keys, every key begins with the sequence, and idempotency keys stay in one table for all ranges, for ever.

ALTER TABLE entries RENAME TO entries_0;
ALTER TABLE entries_0 RENAME CONSTRAINT entries_pkey TO entries_0_pkey;
ALTER INDEX entries_with_events RENAME TO entries_0_with_events;
ALTER INDEX entries_from_account RENAME TO entries_0_from_account;
ALTER INDEX entries_to_account RENAME TO entries_0_to_account;
ALTER TABLE postings RENAME TO postings_0;
ALTER TABLE postings_0 RENAME CONSTRAINT postings_pkey TO postings_0_pkey;
ALTER INDEX postings_of_account RENAME TO postings_0_of_account;

-- What an account has held after an entry, where the entry changed it on one account. Absent from entries of before.
ALTER TABLE entries_0
  ADD COLUMN held_account text COLLATE "C",
  ADD COLUMN held_asset text COLLATE "C",
  ADD COLUMN held_after numeric(39, 0);

CREATE TABLE entries (
  sequence bigint NOT NULL,
  block bigint NOT NULL,
  kind text NOT NULL,
  payload text NOT NULL,
  hash text NOT NULL,
  event_address text,
  previous_event_sequence bigint NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  from_account text COLLATE "C",
  to_account text COLLATE "C",
  asset text COLLATE "C",
  amount numeric(39, 0),
  from_after numeric(39, 0),
  to_after numeric(39, 0),
  held_account text COLLATE "C",
  held_asset text COLLATE "C",
  held_after numeric(39, 0),
  CONSTRAINT entries_sequence_check CHECK (sequence > 0),
  CONSTRAINT entries_block_check CHECK (block >= 0),
  CONSTRAINT entries_hash_check CHECK (length(hash) = 64),
  CONSTRAINT entries_transfer
    CHECK (num_nulls(from_account, to_account, asset, amount, from_after, to_after) IN (0, 6) AND amount <> 0),
  PRIMARY KEY (sequence)
) PARTITION BY RANGE (sequence);

CREATE TABLE postings (
  sequence bigint NOT NULL,
  position integer NOT NULL,
  account text COLLATE "C" NOT NULL,
  asset text COLLATE "C" NOT NULL,
  delta numeric(39, 0) NOT NULL,
  balance_after numeric(39, 0) NOT NULL,
  CONSTRAINT postings_delta_check CHECK (delta <> 0),
  PRIMARY KEY (sequence, position)
) PARTITION BY RANGE (sequence);

-- As in entries, for entries that change what several accounts have held.
CREATE TABLE held_changes (
  sequence bigint NOT NULL,
  account text COLLATE "C" NOT NULL,
  asset text COLLATE "C" NOT NULL,
  held_after numeric(39, 0) NOT NULL CHECK (held_after >= 0),
  PRIMARY KEY (sequence, account, asset)
) PARTITION BY RANGE (sequence);

CREATE INDEX entries_with_events ON entries (sequence) WHERE event_address IS NOT NULL;
CREATE INDEX entries_from_account ON entries (from_account, sequence) WHERE from_account IS NOT NULL;
CREATE INDEX entries_to_account ON entries (to_account, sequence) WHERE to_account IS NOT NULL;
CREATE INDEX entries_held_account ON entries (held_account, sequence) WHERE held_account IS NOT NULL;
CREATE INDEX postings_of_account ON postings (account, sequence);
CREATE INDEX held_changes_of_account ON held_changes (account, sequence);

-- From `first_sequence` to before `end_sequence`. Kept when its tables are detached.
CREATE TABLE journal_ranges (
  number integer PRIMARY KEY,
  first_sequence bigint NOT NULL,
  end_sequence bigint NOT NULL CHECK (end_sequence > first_sequence),
  -- Of the file that the range was exported to; set when it was detached.
  export_sha256 text CHECK (length(export_sha256) = 64),
  archived_at timestamptz,
  CHECK ((export_sha256 IS NULL) = (archived_at IS NULL))
);

-- One row: the last entry that is not kept here any more; 0 while all are. The first entry's payload says which network this is.
CREATE TABLE journal_archive (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  sequence bigint NOT NULL,
  hash text NOT NULL,
  genesis_payload text
);
INSERT INTO journal_archive (sequence, hash) VALUES (0, repeat('0', 64));

-- What the archived entries come to, so that sums and balances go on from there.
CREATE TABLE archived_sums (
  asset text COLLATE "C" PRIMARY KEY,
  genesis numeric NOT NULL,
  rewards numeric NOT NULL,
  burned numeric NOT NULL,
  deltas numeric NOT NULL
);
CREATE TABLE opening_balances (
  sequence bigint NOT NULL,
  account text COLLATE "C" NOT NULL,
  asset text COLLATE "C" NOT NULL,
  posted numeric(39, 0) NOT NULL,
  held numeric(39, 0) NOT NULL DEFAULT 0,
  PRIMARY KEY (sequence, account, asset)
);

-- One row: since which entry it is recorded what accounts have held, and by whom last. A writer of another version between two
-- of this one left it out; the next one begins anew.
CREATE TABLE held_history (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  since_sequence bigint NOT NULL,
  writer_epoch bigint NOT NULL
);
INSERT INTO held_history (since_sequence, writer_epoch) VALUES (0, -1);

-- Makes ranges of so many entries until there is one for the sequence. A new table is attached, which takes the whole for
-- neither writers nor readers, where CREATE TABLE … PARTITION OF would.
CREATE FUNCTION add_journal_ranges(until_sequence bigint, range_entries bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  next integer;
  first bigint;
  part text;
BEGIN
  LOCK TABLE journal_ranges IN SHARE ROW EXCLUSIVE MODE;
  LOOP
    SELECT coalesce(max(number) + 1, 0), coalesce(max(end_sequence), 1) INTO next, first FROM journal_ranges;
    EXIT WHEN first > until_sequence;
    FOREACH part IN ARRAY ARRAY['entries', 'postings', 'held_changes'] LOOP
      EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', part || '_' || next, part);
      EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)',
        part, part || '_' || next, first, first + range_entries);
    END LOOP;
    INSERT INTO journal_ranges (number, first_sequence, end_sequence) VALUES (next, first, first + range_entries);
  END LOOP;
  RETURN first;
END $$;

-- What was there becomes the first range. A database without entries gets its first one from the ledger, of the size that
-- it was told.
DO $$
DECLARE
  bound bigint := (SELECT substring(pg_get_constraintdef(oid) FROM 'sequence < (?:''?)(\d+)')::bigint FROM pg_constraint
    WHERE conname = 'entries_range' AND conrelid = 'entries_0'::regclass);
BEGIN
  DROP VIEW legs;
  IF bound IS NULL AND NOT EXISTS (SELECT FROM entries_0) THEN
    DROP TABLE entries_0, postings_0;
    RETURN;
  END IF;
  -- An older ledger that began since 0008 has written a few.
  bound := coalesce(bound, 20000001);
  EXECUTE format('ALTER TABLE entries ATTACH PARTITION entries_0 FOR VALUES FROM (1) TO (%s)', bound);
  EXECUTE format('ALTER TABLE postings ATTACH PARTITION postings_0 FOR VALUES FROM (1) TO (%s)', bound);
  EXECUTE format('CREATE TABLE held_changes_0 PARTITION OF held_changes FOR VALUES FROM (1) TO (%s)', bound);
  INSERT INTO journal_ranges (number, first_sequence, end_sequence) VALUES (0, 1, bound);
  ALTER TABLE entries_0 DROP CONSTRAINT IF EXISTS entries_range;
  ALTER TABLE postings_0 DROP CONSTRAINT IF EXISTS postings_range;
END $$;

CREATE VIEW legs AS
  SELECT sequence, position, account, asset, delta, balance_after FROM postings
  UNION ALL
  SELECT sequence, 0, from_account, asset, -amount, from_after FROM entries WHERE from_account IS NOT NULL
  UNION ALL
  SELECT sequence, 1, to_account, asset, amount, to_after FROM entries WHERE to_account IS NOT NULL;
