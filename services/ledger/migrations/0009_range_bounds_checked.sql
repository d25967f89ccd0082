-- Reads the journal once, as long as that takes; who writes is not kept waiting.
SET LOCAL statement_timeout = 0;
ALTER TABLE entries VALIDATE CONSTRAINT entries_transfer;
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_constraint WHERE conname = 'entries_range' AND conrelid = 'entries'::regclass) THEN
    ALTER TABLE entries VALIDATE CONSTRAINT entries_range;
    ALTER TABLE postings VALIDATE CONSTRAINT postings_range;
  END IF;
END $$;
