-- Most entries move one amount from one account to another. Such an entry is one row from now on, with both balances after;
-- entries of any other shape keep their legs in postings, and so do all from before. `legs` shows both alike.

-- Names and keys compare by bytes: the database's language rules cost several times as much and mean nothing here.
ALTER TABLE accounts ALTER COLUMN asset TYPE text COLLATE "C", ALTER COLUMN id TYPE text COLLATE "C";
ALTER TABLE claims ALTER COLUMN key TYPE text COLLATE "C";
ALTER TABLE holds ALTER COLUMN id TYPE text COLLATE "C";
ALTER TABLE postings ALTER COLUMN account TYPE text COLLATE "C", ALTER COLUMN asset TYPE text COLLATE "C";

ALTER TABLE entries
  ADD COLUMN from_account text COLLATE "C",
  ADD COLUMN to_account text COLLATE "C",
  ADD COLUMN asset text COLLATE "C",
  ADD COLUMN amount numeric(39, 0),
  ADD COLUMN from_after numeric(39, 0),
  ADD COLUMN to_after numeric(39, 0);
-- All of it or none. Rows from before have none; they need not be read for that.
ALTER TABLE entries ADD CONSTRAINT entries_transfer
  CHECK (num_nulls(from_account, to_account, asset, amount, from_after, to_after) IN (0, 6) AND amount <> 0) NOT VALID;
CREATE INDEX entries_from_account ON entries (from_account, sequence) WHERE from_account IS NOT NULL;
CREATE INDEX entries_to_account ON entries (to_account, sequence) WHERE to_account IS NOT NULL;

-- An entry and its postings are stored by one transaction and verified by the hash chain; asking the entries again for each
-- posting cost as much as storing it.
ALTER TABLE postings DROP CONSTRAINT postings_sequence_fkey;

CREATE VIEW legs AS
  SELECT sequence, position, account, asset, delta, balance_after FROM postings
  UNION ALL
  SELECT sequence, 0, from_account, asset, -amount, from_after FROM entries WHERE from_account IS NOT NULL
  UNION ALL
  SELECT sequence, 1, to_account, asset, amount, to_after FROM entries WHERE to_account IS NOT NULL;
