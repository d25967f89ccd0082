-- The lowest balance after holds that an account was ever allowed: zero but for billing accounts with a credit line. Terms
-- themselves are documents; this is what the database judges balances by.
ALTER TABLE accounts ADD COLUMN floor numeric(39, 0) NOT NULL DEFAULT 0 CHECK (floor <= 0);
ALTER TABLE accounts DROP CONSTRAINT accounts_check;
-- What stands in the table passed a stricter rule, so nothing is read to add this one.
ALTER TABLE accounts ADD CONSTRAINT accounts_above_floor CHECK (id = 'mint' OR posted - held >= floor) NOT VALID;
