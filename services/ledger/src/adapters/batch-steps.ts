import type { Account } from '#domain/book/account.ts';
import type { Hold } from '#domain/book/hold.ts';
import { addressName, type Entry, type HeldAfter, type KeyClaim, type Posting } from '#domain/book/journal.ts';
import type { TableChange } from '#domain/book/table.ts';
import { ByteText } from '#application/byte-text.ts';
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

/** What a row mostly needs of each; longer ones make them grow. */
const [ENTRY_BYTES, CLAIM_BYTES, OTHER_BYTES] = [448, 160, 1024];

function journalSteps(entries: readonly Entry[]): readonly Step[] {
  const lines = new ByteText(entries.length * ENTRY_BYTES);
  const claims = new ByteText(entries.length * CLAIM_BYTES);
  const postings = new ByteText(OTHER_BYTES);
  const held = new ByteText(OTHER_BYTES);
  // Three columns that hardly a transfer needs cost as much as a tenth of its row.
  const hasHeld = entries.some((entry) => entry.held?.length === 1);
  for (const entry of entries) {
    const isTransfer = movesOneAmount(entry.postings);
    writeEntry(lines, entry, { isTransfer, hasHeld });
    if (!isTransfer) for (const line of postingLines(entry)) postings.text(line);
    if (entry.held !== undefined && entry.held.length > 1) held.text(heldLines(entry.sequence, entry.held));
    for (const claim of entry.keys) writeClaim(claims, claim, entry.sequence);
  }
  return [
    hasHeld
      ? insert(`${ENTRIES}, held_account, held_asset, held_after)`, lines.bytes, 'held-entries')
      : insert(`${ENTRIES})`, lines.bytes),
    ...(postings.length === 0 ? [] : [insert(POSTINGS, postings.bytes)]),
    ...(held.length === 0 ? [] : [insert(HELD_CHANGES, held.bytes)]),
    ...(claims.length === 0 ? [] : [insert(CLAIMS, claims.bytes)]),
    ...addressSteps(entries),
  ];
}

const ENTRIES =
  'entries (sequence, block, kind, payload, hash, event_address, previous_event_sequence, ' +
  'from_account, to_account, asset, amount, from_after, to_after';
const POSTINGS = 'postings (sequence, position, account, asset, delta, balance_after)';
const HELD_CHANGES = 'held_changes (sequence, account, asset, held_after)';
const CLAIMS = 'claims (key, sequence, content_sha256)';

function insert(
  target: string,
  lines: Uint8Array<ArrayBuffer>,
  name = target.slice(0, target.indexOf(' ')),
): InsertStep {
  return { kind: 'insert', name, target, lines };
}

/** Whether an entry moves one amount from one account, the first, to another, the second. */
function movesOneAmount({ length, 0: from, 1: to }: readonly Posting[]): boolean {
  return length === 2 && from?.asset === to?.asset && from?.delta === -(to?.delta ?? 0n);
}

const [TAB, LINE_END] = [0x09, 0x0a];

/** Of its own making, as `copyLine` would make it: no other row is written as often. Names and texts alone may need an escape. */
function writeEntry(
  to: ByteText,
  { sequence, block, kind, payloadText, hash, event, previousEventSequence, postings, held }: Entry,
  { isTransfer, hasHeld }: { readonly isTransfer: boolean; readonly hasHeld: boolean },
): void {
  to.number(sequence);
  to.code(TAB);
  to.number(block);
  writeField(to, kind);
  writeField(to, payloadText);
  writeField(to, hash);
  if (event === undefined) to.ascii(NO_EVENT);
  else to.text(`\t${addressName(event)}\t`);
  to.number(previousEventSequence);
  if (isTransfer) writeLegs(to, postings);
  else to.ascii(NO_LEGS);
  if (hasHeld) writeHeld(to, held);
  to.code(LINE_END);
}

const NO_EVENT = `\t${COPY_NULL}\t`;
const NO_LEGS = `\t${COPY_NULL}`.repeat(6);
const NO_HELD = `\t${COPY_NULL}`.repeat(3);

function writeField(to: ByteText, text: string): void {
  to.code(TAB);
  if (!to.plain(text)) to.text(copyField(text));
}

function writeAmount(to: ByteText, amount: bigint): void {
  to.code(TAB);
  to.number(amount);
}

function writeLegs(to: ByteText, { 0: from, 1: payee }: readonly Posting[]): void {
  if (from === undefined || payee === undefined) throw new Error('a transfer has two legs');
  writeField(to, from.account);
  writeField(to, payee.account);
  writeField(to, payee.asset);
  writeAmount(to, payee.delta);
  writeAmount(to, from.balanceAfter);
  writeAmount(to, payee.balanceAfter);
}

/** Of one account in the entry's row; several have rows of their own. */
function writeHeld(to: ByteText, held: readonly HeldAfter[] | undefined): void {
  const only = held?.length === 1 ? held[0] : undefined;
  if (only === undefined) return to.ascii(NO_HELD);
  writeField(to, only.account);
  writeField(to, only.asset);
  writeAmount(to, only.held);
}

function writeClaim(to: ByteText, { key, contentSha256 }: KeyClaim, sequence: number): void {
  if (!to.plain(key)) to.text(copyField(key));
  to.code(TAB);
  to.number(sequence);
  writeField(to, contentSha256);
  to.code(LINE_END);
}

function heldLines(sequence: number, held: readonly HeldAfter[]): string {
  return held.map((after) => copyLine([sequence, after.account, after.asset, after.held])).join('');
}

function postingLines({ sequence, postings }: Entry): readonly string[] {
  return postings.map(({ account, asset, delta, balanceAfter }, position) =>
    copyLine([sequence, position, account, asset, delta, balanceAfter]),
  );
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
  const opened = new ByteText(OTHER_BYTES);
  for (const { row, wasThere } of changes) if (row !== undefined && wasThere === false) writeHold(opened, row);
  const others = changes.flatMap(({ row, wasThere }) =>
    row === undefined || wasThere === false ? [] : [holdFields(row)],
  );
  const columns = ['id', 'account', 'asset', 'amount', 'remaining', 'expires_at_block'];
  const values = columns.map((_, column) => arrayText(others.map((fields) => fields[column] ?? '')));
  return [
    ...statement('closed-holds', [arrayText(closed)], closed.length, 'DELETE FROM holds WHERE id = ANY($1::text[])'),
    ...(opened.length === 0 ? [] : [insert(`holds (${columns.join(', ')})`, opened.bytes)]),
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

/** As `copyLine` would make it of `holdFields`. */
function writeHold(to: ByteText, { id, account, asset, amount, remaining, expiresAtBlock }: Hold): void {
  if (!to.plain(id)) to.text(copyField(id));
  writeField(to, account);
  writeField(to, asset);
  writeAmount(to, amount);
  writeAmount(to, remaining);
  to.code(TAB);
  to.number(expiresAtBlock);
  to.code(LINE_END);
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
