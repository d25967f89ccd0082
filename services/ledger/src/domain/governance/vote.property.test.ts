import fc from 'fast-check';
import { expect, test } from 'vitest';
import { delegatedOf, stakeOf } from '#domain/book/account.ts';
import { delegationsOf } from '#domain/economy/delegation.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import type { StakeOrder } from '#domain/economy/wallet-stake.ts';
import {
  cast,
  governed,
  HOTKEY_OF,
  NOMINATORS,
  order,
  proposalOf,
  proposeTo,
  seal,
  VALIDATORS,
} from '#test/governed.ts';
import { done, expectConserved, newLedger, payDividends, produce, put, TAO } from '#test/ledger-state.ts';
import type { Choice } from './proposal.ts';
import { stakedNow } from './voting-power.ts';

const WALLETS = [...NOMINATORS, ...VALIDATORS] as const;
const HOTKEYS = Object.values(HOTKEY_OF);
const CHOICES: readonly Choice[] = ['Yes', 'No', 'Abstain'];

type Step =
  | { readonly kind: 'stake'; readonly wallet: string; readonly order: StakeOrder }
  | { readonly kind: 'epoch'; readonly earner: number }
  | { readonly kind: 'name'; readonly wallet: string; readonly to: string | undefined }
  | { readonly kind: 'propose' }
  | { readonly kind: 'vote'; readonly wallet: string; readonly of: number; readonly choice: Choice }
  | { readonly kind: 'stop'; readonly of: number };

const wallets = fc.constantFrom(...WALLETS);
const hotkeys = fc.constantFrom(...HOTKEYS);
const amounts = fc.bigInt({ min: 1n, max: 200n * TAO });
const some = fc.option(amounts, { nil: undefined });
const at1 = fc.constant(1);
const stakes: fc.Arbitrary<StakeOrder> = fc.oneof(
  fc.record({ type: fc.constant('AddStake' as const), netuid: at1, hotkey: hotkeys, amount: amounts }),
  fc.record({ type: fc.constant('RemoveStake' as const), netuid: at1, hotkey: hotkeys, amount: some }),
  fc.record({
    type: fc.constant('MoveStake' as const),
    netuid: at1,
    hotkey: hotkeys,
    toNetuid: at1,
    toHotkey: hotkeys,
    amount: some,
  }),
);
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('stake' as const), wallet: wallets, order: stakes }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('epoch' as const), earner: fc.nat(1) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('name' as const),
      wallet: wallets,
      to: fc.option(wallets, { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.constant<Step>({ kind: 'propose' }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('vote' as const),
      wallet: wallets,
      of: fc.nat(3),
      choice: fc.constantFrom(...CHOICES),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stop' as const), of: fc.nat(3) }) },
);

/** Long enough for several votes at once; most of what is drawn is carried out. */
const histories = fc.array(steps, { minLength: 30, maxLength: 90, size: 'max' });

/** Blocks mint for its subnet, so that pools earn between a snapshot and a vote. */
function market(votingBlocks: number): Ledger {
  const ledger = governed({ votingBlocks, deposit: 1n });
  done(put(ledger, 'sp500'));
  return ledger;
}

/** All that a snapshot has to know, copied the slow way. */
interface Copy {
  readonly id: number;
  readonly own: ReadonlyMap<string, bigint>;
  readonly delegated: readonly { readonly wallet: string; readonly hotkey: string; readonly worth: bigint }[];
  readonly pools: ReadonlyMap<string, bigint>;
  readonly delegates: ReadonlyMap<string, string>;
  readonly votes: Map<string, Choice>;
}

function copyOf(ledger: Ledger, id: number): Copy {
  const posted = (account: string): bigint => ledger.book.posted('TAO', account);
  return {
    id,
    own: new Map(VALIDATORS.map((wallet) => [wallet, posted(stakeOf(1, HOTKEY_OF[wallet], wallet))])),
    delegated: WALLETS.flatMap((wallet) =>
      delegationsOf(ledger, wallet).map(({ hotkey, worth }) => ({ wallet, hotkey, worth })),
    ),
    pools: new Map(HOTKEYS.map((hotkey) => [hotkey, posted(delegatedOf(1, hotkey))])),
    delegates: new Map(ledger.governance.voteDelegates.entries()),
    votes: new Map(),
  };
}

/** Who says what for a wallet's own stake. */
function saidFor({ votes, delegates }: Copy, wallet: string): Choice | undefined {
  return votes.get(wallet) ?? votes.get(delegates.get(wallet) ?? '');
}

/** The tally as the rule has it, from all votes at once: whoever is nearer to the money goes before. */
function tallyOf(copy: Copy): Record<Choice, bigint> {
  const tally: Record<Choice, bigint> = { Yes: 0n, No: 0n, Abstain: 0n };
  const add = (choice: Choice | undefined, rao: bigint): void => {
    if (choice !== undefined) tally[choice] += rao;
  };
  for (const [wallet, rao] of copy.own) add(saidFor(copy, wallet), rao);
  for (const owner of VALIDATORS) {
    const hotkey = HOTKEY_OF[owner];
    let rest = copy.pools.get(hotkey) ?? 0n;
    for (const { wallet, worth, hotkey: on } of copy.delegated) {
      const own = on === hotkey ? saidFor(copy, wallet) : undefined;
      if (own === undefined) continue;
      add(own, worth);
      rest -= worth;
    }
    add(saidFor(copy, owner), rest);
  }
  return tally;
}

function run(ledger: Ledger, copies: Copy[], step: Step): void {
  switch (step.kind) {
    case 'stake':
      order(ledger, step.wallet, step.order);
      return;
    case 'epoch': {
      while (ledger.sealed.get('1') === undefined) produce(ledger, 1);
      const uid = ledger.sealed.get('1')?.neurons[step.earner]?.uid ?? 0;
      payDividends(ledger, uid);
      return;
    }
    case 'name':
      order(ledger, step.wallet, { type: 'DelegateVote', to: step.to });
      return;
    case 'propose':
      if (ledger.governance.record.voting.length < 4) copies.push(copyOf(ledger, proposeTo(ledger)));
      return;
    case 'vote': {
      const copy = copies[step.of % Math.max(1, copies.length)];
      if (copy !== undefined && cast(ledger, step.wallet, copy.id, step.choice).ok) {
        if (copy.votes.has(step.wallet)) throw new Error(`${step.wallet} voted twice`);
        copy.votes.set(step.wallet, step.choice);
      }
      return;
    }
    case 'stop': {
      const copy = copies[step.of % Math.max(1, copies.length)];
      if (copy !== undefined)
        for (const member of ['wise', 'old']) order(ledger, member, { type: 'Veto', proposal: copy.id });
    }
  }
}

function expectTallies(ledger: Ledger, copies: readonly Copy[]): void {
  for (const copy of copies) {
    const { tally, staked } = proposalOf(ledger, copy.id);
    expect({ Yes: tally.yes, No: tally.no, Abstain: tally.abstain }).toEqual(tallyOf(copy));
    expect(tally.yes + tally.no + tally.abstain).toBeLessThanOrEqual(staked);
    const all = [...copy.own.values(), ...copy.pools.values()].reduce((sum, rao) => sum + rao, 0n);
    expect(staked).toBe(all);
  }
}

test('every rao of the snapshot counts once at most, whatever moves and whoever votes for whom', () => {
  fc.assert(
    fc.property(histories, (history) => {
      const ledger = market(100_000);
      const copies: Copy[] = [];
      for (const step of history) {
        run(ledger, copies, step);
        expectTallies(ledger, copies);
      }
      let sum = 0n;
      for (const { id, posted } of ledger.book.accounts.values()) {
        if (id.startsWith('stake:') || id.startsWith('delegated:')) sum += posted;
      }
      expect(stakedNow(ledger)).toBe(sum);
      expectConserved(ledger);
    }),
    { numRuns: 200 },
  );
});

test('a ledger that is read from its store in the middle goes on alike', () => {
  fc.assert(
    fc.property(histories, fc.nat(49), (history, cut) => {
      const straight = market(100_000);
      const copies: Copy[] = [];
      const other: Copy[] = [];
      let restarted = market(100_000);
      for (const [at, step] of history.entries()) {
        if (at === cut) restarted = readAgain(restarted);
        run(straight, copies, step);
        run(restarted, other, step);
      }
      expect(restarted.journal.head).toEqual(straight.journal.head);
      expectTallies(restarted, other);
    }),
    { numRuns: 100 },
  );
});

test('when all votes are over nothing is kept of old stakes', () => {
  fc.assert(
    fc.property(histories, (history) => {
      const ledger = market(30);
      const copies: Copy[] = [];
      for (const step of history) run(ledger, copies, step);
      produce(ledger, 60);
      expect(ledger.governance.record.voting).toEqual([]);
      expect([ledger.governance.history.kept.table.size, ledger.governance.history.snapshots.size]).toEqual([0, 0]);
    }),
    { numRuns: 100 },
  );
});

test('stake that waits for a seal has no voice, and after it has', () => {
  const ledger = governed();
  done(order(ledger, 'ann', { type: 'AddStake', netuid: 1, hotkey: 'v1', amount: 100n * TAO }));
  const before = proposeTo(ledger);
  seal(ledger);
  const after = proposeTo(ledger);
  expect(cast(ledger, 'ann', before)).toMatchObject({ ok: false, code: 'VOTE_CLOSED' });
  done(cast(ledger, 'ann', after));
  expect(proposalOf(ledger, after)).toMatchObject({ staked: 300n * TAO, tally: { yes: 100n * TAO } });
});

/** The same state out of what the store has of it. */
function readAgain(ledger: Ledger): Ledger {
  const next = newLedger(ledger.network.genesis);
  next.journal.restore(ledger.journal.head, [...lastEventsOf(ledger)]);
  for (const account of ledger.book.accounts.values()) next.book.accounts.restore(account);
  const tables = new Map(ledger.documents.map((table) => [table.name, table]));
  for (const table of next.documents) {
    const from = tables.get(table.name) as unknown as { entries(): Iterable<[string, unknown]> };
    for (const [key, row] of from.entries()) table.restore(key, row);
  }
  return next;
}

/** Where each stream of events stands, as the store knows it from the entries. */
function lastEventsOf(ledger: Ledger): Map<string, number> {
  const last = new Map<string, number>();
  for (const { event, sequence } of ledger.journal.takeEntries()) {
    if (event === undefined) continue;
    last.set(event.netuid === undefined ? event.kind : `${event.kind}.${event.netuid}`, sequence);
  }
  return last;
}
