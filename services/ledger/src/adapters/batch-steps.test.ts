import {
  array,
  assert,
  bigInt,
  constant,
  constantFrom,
  nat,
  oneof,
  option,
  property,
  record,
  string,
} from 'fast-check';
import { expect, test } from 'vitest';
import type { Entry } from '#domain/book/journal.ts';
import { bareEntry } from '#test/bare-entry.ts';
import { batchSteps } from './batch-steps.ts';
import { copyLine } from './sql.ts';

const name = oneof(constantFrom('billing:shop', 'billing:u1', 'mint'), string({ unit: 'binary-ascii', maxLength: 12 }));
const asset = constantFrom('TAO', 'ALPHA\\7');
const amount = bigInt({ min: 1n, max: 10n ** 38n });
const transfer = record({ from: name, to: name, asset, moved: amount, before: amount, after: amount }).map(
  ({ from, to, asset: of, moved, before, after }) => [
    { account: from, asset: of, delta: -moved, balanceAfter: before },
    { account: to, asset: of, delta: moved, balanceAfter: -after },
  ],
);
const posting = record({ account: name, asset, delta: amount, balanceAfter: amount });
const held = record({ account: name, asset, held: amount });

const entries = array(
  record({
    block: nat(),
    kind: constantFrom('Transfer', 'Block'),
    payloadText: oneof(string({ unit: 'binary-ascii' }), string({ unit: 'grapheme' })),
    postings: oneof(transfer, array(posting, { maxLength: 4 })),
    held: option(array(held, { minLength: 1, maxLength: 2 }), { nil: undefined }),
    hash: constant('a'.repeat(64)),
    event: option(record({ kind: constant('epoch-due' as const), netuid: nat(9) }), { nil: undefined }),
    previousEventSequence: nat(),
    keys: array(record({ key: name, contentSha256: constant('b'.repeat(64)) }), { maxLength: 2 }),
  }),
  { minLength: 1, maxLength: 8 },
).map((some) =>
  some.map(({ held: changed, ...entry }, at): Entry => ({
    ...entry,
    sequence: at + 1,
    ...(changed === undefined ? {} : { held: changed }),
  })),
);

/** Rows of a batch by target, made one value after the other. */
function plainRows(batch: readonly Entry[]): Readonly<Record<string, string>> {
  const hasHeld = batch.some((entry) => entry.held?.length === 1);
  const rows: Record<string, string> = {};
  const add = (table: string, values: readonly (string | number | bigint | null)[]): void => {
    rows[table] = (rows[table] ?? '') + copyLine(values);
  };
  for (const { postings, held: changed, event, keys, ...entry } of batch) {
    const [from, to] = postings;
    const isTransfer = postings.length === 2 && from?.asset === to?.asset && from?.delta === -(to?.delta ?? 0n);
    const legs =
      isTransfer && from !== undefined && to !== undefined
        ? [from.account, to.account, to.asset, to.delta, from.balanceAfter, to.balanceAfter]
        : [null, null, null, null, null, null];
    const only = changed?.length === 1 ? changed[0] : undefined;
    add('entries', [
      entry.sequence,
      entry.block,
      entry.kind,
      entry.payloadText,
      entry.hash,
      event === undefined ? null : `${event.kind}.${event.netuid}`,
      entry.previousEventSequence,
      ...legs,
      ...(hasHeld ? (only === undefined ? [null, null, null] : [only.account, only.asset, only.held]) : []),
    ]);
    if (!isTransfer) {
      postings.forEach(({ account, asset: of, delta, balanceAfter }, position) =>
        add('postings', [entry.sequence, position, account, of, delta, balanceAfter]),
      );
    }
    if (changed !== undefined && changed.length > 1) {
      for (const each of changed) add('held_changes', [entry.sequence, each.account, each.asset, each.held]);
    }
    for (const { key, contentSha256 } of keys) add('claims', [key, entry.sequence, contentSha256]);
  }
  return rows;
}

/** Rows that steps insert, by table. */
function insertsOf(steps: ReturnType<typeof batchSteps>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    steps.flatMap((step) =>
      step.kind === 'insert'
        ? [[step.target.slice(0, step.target.indexOf(' ')), Buffer.from(step.lines).toString()]]
        : [],
    ),
  );
}

test('rows that are written by themselves are those that any row would be', () => {
  assert(
    property(entries, (batch) => {
      const previous = { sequence: 0, hash: '0'.repeat(64) };
      const steps = batchSteps({ previous, entries: batch, accounts: [], holds: [], documents: [] }, '1');
      const found = insertsOf(steps);
      const expected = Object.entries(plainRows(batch)).map(([table, lines]) => [table, Buffer.from(lines).toString()]);
      expect(found).toEqual(Object.fromEntries(expected));
    }),
  );
});

const hold = record({ id: name, account: name, asset, amount, remaining: amount, expiresAtBlock: nat() });

test('and those of holds that are opened', () => {
  assert(
    property(array(hold, { minLength: 1, maxLength: 4 }), (opened) => {
      const previous = { sequence: 0, hash: '0'.repeat(64) };
      const holds = opened.map((row) => ({ key: row.id, row, wasThere: false }));
      const steps = batchSteps({ previous, entries: [bareEntry(1)], accounts: [], holds, documents: [] }, '1');
      const lines = opened.map(({ id, account, asset: of, amount: rao, remaining, expiresAtBlock }) =>
        copyLine([id, account, of, rao, remaining, expiresAtBlock]),
      );
      expect(insertsOf(steps)['holds']).toBe(Buffer.from(lines.join('')).toString());
    }),
  );
});
