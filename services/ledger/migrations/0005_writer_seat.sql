-- Where the ledger that holds the writer's lock serves, for those that stand by: they pass connections on to it.
CREATE TABLE writer_seat (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  address text NOT NULL
);
INSERT INTO writer_seat (address) VALUES ('');
