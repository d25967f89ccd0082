-- Balances follow the journal at a distance (docs/adr/0052): the table has them as of settlement.sequence or later, what changed
-- since is in the entries. An older ledger has to stop here, as it would take what is in the table for all: the view has its
-- name, and cannot be written to.

ALTER TABLE accounts RENAME TO settled_accounts;
-- Most rows of a page may change in one transaction: there is room for all of them.
ALTER TABLE settled_accounts SET (fillfactor = 50);

-- A row of its own: the writer's is locked by each batch.
CREATE TABLE settlement (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  sequence bigint NOT NULL
);
INSERT INTO settlement (sequence) SELECT last_sequence FROM writer;

-- What accounts have and hold by entries after one and until another; NULL: not changed by them. The numbers stand in the text
-- of the statement: of a parameter the planner would expect a third of all entries. Few rows are promised, so that settling finds
-- accounts by key instead of reading them all.
CREATE FUNCTION late_balances(since bigint, until bigint)
RETURNS TABLE (account text, asset text, posted numeric, held numeric)
LANGUAGE plpgsql STABLE ROWS 1000 AS $$
BEGIN
  RETURN QUERY EXECUTE format(
    'SELECT account, asset, p.balance_after, h.held_after FROM (
       SELECT DISTINCT ON (account, asset) account, asset, balance_after FROM (
         SELECT sequence, position, account, asset, balance_after FROM postings
           WHERE sequence > %1$s AND sequence <= %2$s
         UNION ALL
         SELECT sequence, 0, from_account, asset, from_after FROM entries
           WHERE from_account IS NOT NULL AND sequence > %1$s AND sequence <= %2$s
         UNION ALL
         SELECT sequence, 1, to_account, asset, to_after FROM entries
           WHERE to_account IS NOT NULL AND sequence > %1$s AND sequence <= %2$s
       ) AS late ORDER BY account, asset, sequence DESC, position DESC
     ) AS p FULL JOIN (
       SELECT DISTINCT ON (account, asset) account, asset, held_after FROM (
         SELECT sequence, held_account AS account, held_asset AS asset, held_after FROM entries
           WHERE held_account IS NOT NULL AND sequence > %1$s AND sequence <= %2$s
         UNION ALL
         SELECT sequence, account, asset, held_after FROM held_changes WHERE sequence > %1$s AND sequence <= %2$s
       ) AS late ORDER BY account, asset, sequence DESC
     ) AS h USING (account, asset)', since, until);
END $$;

-- Balances as of the journal's end.
CREATE VIEW accounts AS
  SELECT s.asset, s.id, coalesce(late.posted, s.posted) AS posted, coalesce(late.held, s.held) AS held, s.floor
  FROM settled_accounts s LEFT JOIN late_balances(
    (SELECT sequence FROM settlement), (SELECT last_sequence FROM writer)) late ON late.account = s.id AND late.asset = s.asset;

-- Puts what the next entries say into the table, so many of them at most; answers up to which one it is there.
CREATE FUNCTION settle_accounts(most bigint) RETURNS bigint LANGUAGE plpgsql SET work_mem = '64MB' AS $$
DECLARE
  since bigint;
  until bigint;
BEGIN
  SELECT sequence INTO since FROM settlement FOR UPDATE;
  SELECT least(last_sequence, since + most) INTO until FROM writer;
  IF until > since THEN
    UPDATE settled_accounts s SET posted = coalesce(late.posted, s.posted), held = coalesce(late.held, s.held)
      FROM late_balances(since, until) late WHERE late.account = s.id AND late.asset = s.asset;
    UPDATE settlement SET sequence = until;
  END IF;
  RETURN until;
END $$;
