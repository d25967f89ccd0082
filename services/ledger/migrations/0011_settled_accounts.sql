-- Balances are written behind the journal while many entries come (docs/adr/0052): a row tells an account's balance as of
-- settled_sequence or later, what changed since is in the entries. An older ledger has to stop here: it would take rows of
-- before for balances. It is refused by the view, which cannot be written to.

ALTER TABLE accounts RENAME TO settled_accounts;
-- Most rows of a page change in one transaction: there is room for all of them.
ALTER TABLE settled_accounts SET (fillfactor = 50);

ALTER TABLE writer ADD COLUMN settled_sequence bigint NOT NULL DEFAULT 0;
UPDATE writer SET settled_sequence = last_sequence;

-- What accounts have and hold since settled_sequence; NULL: not changed since. Its number stands in the text of the
-- statement: for a parameter the planner would expect a third of all entries.
CREATE FUNCTION late_balances() RETURNS TABLE (account text, asset text, posted numeric, held numeric)
LANGUAGE plpgsql STABLE ROWS 10000 AS $$
BEGIN
  RETURN QUERY EXECUTE format(
    'SELECT account, asset, p.balance_after, h.held_after FROM (
       SELECT DISTINCT ON (account, asset) account, asset, balance_after FROM (
         SELECT sequence, position, account, asset, balance_after FROM postings WHERE sequence > %1$s
         UNION ALL
         SELECT sequence, 0, from_account, asset, from_after FROM entries WHERE from_account IS NOT NULL AND sequence > %1$s
         UNION ALL
         SELECT sequence, 1, to_account, asset, to_after FROM entries WHERE to_account IS NOT NULL AND sequence > %1$s
       ) AS late ORDER BY account, asset, sequence DESC, position DESC
     ) AS p FULL JOIN (
       SELECT DISTINCT ON (account, asset) account, asset, held_after FROM (
         SELECT sequence, held_account AS account, held_asset AS asset, held_after FROM entries
           WHERE held_account IS NOT NULL AND sequence > %1$s
         UNION ALL
         SELECT sequence, account, asset, held_after FROM held_changes WHERE sequence > %1$s
       ) AS late ORDER BY account, asset, sequence DESC
     ) AS h USING (account, asset)', (SELECT settled_sequence FROM writer));
END $$;

-- Balances as of the journal's end.
CREATE VIEW accounts AS
  SELECT s.asset, s.id, coalesce(late.posted, s.posted) AS posted, coalesce(late.held, s.held) AS held, s.floor
  FROM settled_accounts s LEFT JOIN late_balances() late ON late.account = s.id AND late.asset = s.asset;
