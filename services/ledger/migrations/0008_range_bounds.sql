-- The journal is kept in ranges of its sequence from migration 0010 on. What is there becomes the first range as it stands,
-- without being written again: a bound that the server has checked makes that a matter of names. The bound leaves ten million
-- entries of room, which an older ledger may go on to write into. Three files, each with its own transaction: this one
-- takes tables for a moment and reads nothing, 0009 reads all and keeps nobody from writing, 0010 takes them for a moment again.
DO $$
DECLARE
  last bigint := (SELECT last_sequence FROM writer);
  bound bigint := (last / 10000000 + 2) * 10000000 + 1;
BEGIN
  IF last > 0 THEN
    EXECUTE format('ALTER TABLE entries ADD CONSTRAINT entries_range CHECK (sequence >= 1 AND sequence < %s) NOT VALID', bound);
    EXECUTE format('ALTER TABLE postings ADD CONSTRAINT postings_range CHECK (sequence >= 1 AND sequence < %s) NOT VALID', bound);
  END IF;
END $$;
