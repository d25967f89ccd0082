import type { Account } from '#domain/book/account.ts';
import type { Hold } from '#domain/book/hold.ts';
import { addressName, type Entry, type HeldAfter, type Posting } from '#domain/book/journal.ts';
import type { TableChange } from '#domain/book/table.ts';
import type { Batch, DocumentChange } from '#application/ports.ts';
import { accountFloorSteps } from './account-floor-steps.ts';
import { documentText } from './document-text.ts';
import { arrayText, COPY_NULL, copyField, copyLine, type InsertStep, type StatementStep, type Step } from './sql.ts';

/** The steps that store a batch. The fence is the first: a writer that was replaced stores nothing, whatever its batch holds. */
export function batchSteps(batch: Batch, epoch: string): readonly Step[] {
  return [
    fence(batch, epoch),
    ...journalSteps(batch.entries),
    ...accountFloorSteps(batch),
    ...accountSteps(batch.accounts),
    ...holdSteps(batch.holds),
    ...documentSteps(batch.documents),
  ];
}

/** Fails, instead of changing no row, where the journal is not at `previous` or another writer took over: NULL is refused. */
function fence({ previous, entries }: Batch, epoch: string): StatementStep {
  const last = entries.at(-1);
  if (last === undefined) throw new Error('a batch without entries is not stored');
  return {
    kind: 'statement',
    name: 'fence',
    text: `UPDATE writer SET last_hash = $2, last_sequence =
      CASE WHEN epoch = $3::bigint AND last_sequence = $4::bigint AND last_hash = $5 THEN $1::bigint END
      WHERE only_row`,
    values: [String(last.sequence), last.hash, epoch, String(previous.sequence), previous.hash],
  };
}

function journalSteps(entries: readonly Entry[]): readonly Step[] {
  let lines = '';
  let postings = '';
  let claims = '';
  let held = '';
  // Three columns that hardly a transfer needs cost as much as a tenth of its row.
  const hasHeld = entries.some((entry) => entry.held?.length === 1);
  for (const entry of entries) {
    const transfer = transferOf(entry.postings);
    lines += entryLine(entry, { transfer, hasHeld });
    if (transfer === undefined) postings += postingLines(entry);
    if (entry.held !== undefined && entry.held.length > 1) held += heldLines(entry.sequence, entry.held);
    for (const { key, contentSha256 } of entry.keys)
      claims += `${copyField(key)}\t${entry.sequence}\t${contentSha256}\n`;
  }
  return [
    hasHeld
      ? insert(`${ENTRIES}, held_account, held_asset, held_after)`, lines, 'held-entries')
      : insert(`${ENTRIES})`, lines),
    ...(postings === '' ? [] : [insert(POSTINGS, postings)]),
    ...(held === '' ? [] : [insert(HELD_CHANGES, held)]),
    ...(claims === '' ? [] : [insert(CLAIMS, claims)]),
    ...addressSteps(entries),
  ];
}

const ENTRIES =
  'entries (sequence, block, kind, payload, hash, event_address, previous_event_sequence, ' +
  'from_account, to_account, asset, amount, from_after, to_after';
const POSTINGS = 'postings (sequence, position, account, asset, delta, balance_after)';
const HELD_CHANGES = 'held_changes (sequence, account, asset, held_after)';
const CLAIMS = 'claims (key, sequence, content_sha256)';

function insert(target: string, lines: string, name = target.slice(0, target.indexOf(' '))): InsertStep {
  return { kind: 'insert', name, target, lines };
}

type Transfer = readonly [from: Posting, to: Posting];

/** The two legs of an entry that moves one amount from one account to another; undefined for any other. */
function transferOf([from, to, ...more]: readonly Posting[]): Transfer | undefined {
  if (from === undefined || to === undefined || more.length > 0) return undefined;
  return from.asset === to.asset && from.delta === -to.delta ? [from, to] : undefined;
}

/** A line of its own making, as `copyLine` would make it: no other row is written as often. Names and texts alone may need an escape. */
function entryLine(
  entry: Entry,
  { transfer, hasHeld }: { readonly transfer: Transfer | undefined; readonly hasHeld: boolean },
): string {
  const { sequence, block, kind, payloadText, hash, event, previousEventSequence } = entry;
  const address = event === undefined ? COPY_NULL : addressName(event);
  const legs = transfer === undefined ? NO_LEGS : legFields(transfer);
  const held = hasHeld ? heldFields(entry.held) : '';
  const text = copyField(payloadText);
  return `${sequence}\t${block}\t${kind}\t${text}\t${hash}\t${address}\t${previousEventSequence}${legs}${held}\n`;
}

const NO_LEGS = `\t${COPY_NULL}`.repeat(6);
const NO_HELD = `\t${COPY_NULL}`.repeat(3);

/** Of one account in the entry's row; several have rows of their own. */
function heldFields(held: readonly HeldAfter[] | undefined): string {
  const [only, ...others] = held ?? [];
  if (only === undefined || others.length > 0) return NO_HELD;
  return `\t${copyField(only.account)}\t${copyField(only.asset)}\t${only.held}`;
}

function heldLines(sequence: number, held: readonly HeldAfter[]): string {
  return held.map((after) => copyLine([sequence, after.account, after.asset, after.held])).join('');
}

function legFields([from, to]: Transfer): string {
  const [payer, payee, asset] = [copyField(from.account), copyField(to.account), copyField(to.asset)];
  return `\t${payer}\t${payee}\t${asset}\t${to.delta}\t${from.balanceAfter}\t${to.balanceAfter}`;
}

function postingLines({ sequence, postings }: Entry): string {
  return postings
    .map(({ account, asset, delta, balanceAfter }, position) =>
      copyLine([sequence, position, account, asset, delta, balanceAfter]),
    )
    .join('');
}

function addressSteps(entries: readonly Entry[]): readonly Step[] {
  const addresses = new Map<string, number>();
  for (const { event, sequence } of entries) if (event !== undefined) addresses.set(addressName(event), sequence);
  if (addresses.size === 0) return [];
  return [
    {
      kind: 'statement',
      name: 'addresses',
      text: `INSERT INTO event_addresses (address, last_sequence) SELECT * FROM unnest($1::text[], $2::bigint[])
        ON CONFLICT (address) DO UPDATE SET last_sequence = excluded.last_sequence`,
      values: [arrayText([...addresses.keys()]), arrayText([...addresses.values()].map(String))],
    },
  ];
}

/**
 * One step down the index for each row. A plan that is kept may have been made while the table was known to be small, when going
 * through all of its index costs less; two columns that are equal would allow that, an element of a list does not.
 */
function oneByOne(column: string): string {
  return `ANY (ARRAY[${column}])`;
}

/** Of accounts that have no row yet; what becomes of the others is in the entries, and settled later. In the order of the index. */
function accountSteps(changes: readonly TableChange<Account>[]): readonly Step[] {
  // An account that a refused command would have made was never stored; it has nothing to delete.
  const rows = changes
    .flatMap(({ row, wasThere }) => (row === undefined || wasThere === true ? [] : [row]))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const values = [
    arrayText(rows.map(({ asset }) => asset)),
    arrayText(rows.map(({ id }) => id)),
    arrayText(rows.map(({ posted }) => String(posted))),
    arrayText(rows.map(({ held }) => String(held))),
  ];
  return statement(
    'accounts',
    values,
    rows.length,
    `INSERT INTO settled_accounts (asset, id, posted, held)
      SELECT * FROM unnest($1::text[], $2::text[], $3::numeric[], $4::numeric[])
      ON CONFLICT (asset, id) DO UPDATE SET posted = excluded.posted, held = excluded.held`,
  );
}

function holdSteps(changes: readonly TableChange<Hold>[]): readonly Step[] {
  const closed = changes.filter(({ row, wasThere }) => row === undefined && wasThere !== false).map(({ key }) => key);
  const opened = changes.flatMap(({ row, wasThere }) =>
    row !== undefined && wasThere === false ? [holdFields(row)] : [],
  );
  const others = changes.flatMap(({ row, wasThere }) =>
    row === undefined || wasThere === false ? [] : [holdFields(row)],
  );
  const columns = ['id', 'account', 'asset', 'amount', 'remaining', 'expires_at_block'];
  const values = columns.map((_, column) => arrayText(others.map((fields) => fields[column] ?? '')));
  return [
    ...statement('closed-holds', [arrayText(closed)], closed.length, 'DELETE FROM holds WHERE id = ANY($1::text[])'),
    ...(opened.length === 0 ? [] : [insert(`holds (${columns.join(', ')})`, opened.map(copyLine).join(''))]),
    ...statement(
      'changed-holds',
      values,
      others.length,
      `INSERT INTO holds (${columns.join(', ')})
      SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::numeric[], $5::numeric[], $6::bigint[])
      ON CONFLICT (id) DO UPDATE SET remaining = excluded.remaining`,
    ),
  ];
}

function holdFields({ id, account, asset, amount, remaining, expiresAtBlock }: Hold): readonly string[] {
  return [id, account, asset, String(amount), String(remaining), String(expiresAtBlock)];
}

function documentSteps(documents: readonly DocumentChange[]): readonly Step[] {
  const removed = documents.filter(({ row }) => row === undefined);
  const rows = documents.filter(({ row }) => row !== undefined);
  const names = (some: typeof documents): readonly string[] => [
    arrayText(some.map(({ table }) => table)),
    arrayText(some.map(({ key }) => key)),
  ];
  return [
    ...statement(
      'removed-documents',
      names(removed),
      removed.length,
      `DELETE FROM documents
      USING unnest($1::text[], $2::text[]) AS gone (t, k)
      WHERE table_name = ${oneByOne('gone.t')} AND key = gone.k`,
    ),
    ...statement(
      'documents',
      [...names(rows), arrayText(rows.map(({ row }) => documentText(row)))],
      rows.length,
      `INSERT INTO documents (table_name, key, body)
      SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
      ON CONFLICT (table_name, key) DO UPDATE SET body = excluded.body`,
    ),
  ];
}

/** A statement over so many rows, or none where there are none. */
function statement(name: string, values: readonly string[], rows: number, text: string): readonly StatementStep[] {
  return rows === 0 ? [] : [{ kind: 'statement', name, text, values }];
}
