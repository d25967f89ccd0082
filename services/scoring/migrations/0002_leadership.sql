-- Whose writes count as the leader's: each take-over raises the term, and each transaction of a leader shares a lock on
-- the row, so that a term never changes under one.
CREATE TABLE leadership (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  term bigint NOT NULL
);
INSERT INTO leadership (term) VALUES (0);
