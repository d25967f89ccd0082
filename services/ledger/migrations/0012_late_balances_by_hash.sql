-- What accounts have by late entries, found by hash: the newest entry of each account wins, and nothing is sorted. Names begin
-- alike, and of a busy account there are as many rows as entries; to sort them was more than half of what settling cost.

CREATE OR REPLACE FUNCTION late_balances(since bigint, until bigint)
RETURNS TABLE (account text, asset text, posted numeric, held numeric)
LANGUAGE plpgsql STABLE ROWS 1000 AS $$
BEGIN
  -- Lists compare member by member: by entry, by place in it, and by what is picked only where both are the same.
  RETURN QUERY EXECUTE format(
    'SELECT account, asset, (max(posted))[3], (max(held))[2] FROM (
       SELECT account, asset, ARRAY[sequence, position, balance_after] AS posted, NULL::numeric[] AS held FROM postings
         WHERE sequence > %1$s AND sequence <= %2$s
       UNION ALL
       SELECT from_account, asset, ARRAY[sequence, 0, from_after], NULL FROM entries
         WHERE from_account IS NOT NULL AND sequence > %1$s AND sequence <= %2$s
       UNION ALL
       SELECT to_account, asset, ARRAY[sequence, 1, to_after], NULL FROM entries
         WHERE to_account IS NOT NULL AND sequence > %1$s AND sequence <= %2$s
       UNION ALL
       SELECT held_account, held_asset, NULL, ARRAY[sequence, held_after] FROM entries
         WHERE held_account IS NOT NULL AND sequence > %1$s AND sequence <= %2$s
       UNION ALL
       SELECT account, asset, NULL, ARRAY[sequence, held_after] FROM held_changes
         WHERE sequence > %1$s AND sequence <= %2$s
     ) AS late GROUP BY account, asset', since, until);
END $$;
