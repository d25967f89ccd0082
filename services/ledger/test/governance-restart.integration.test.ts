import path from 'node:path';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../src/adapters/open-store.ts';
import { openLedger } from '../src/application/open-ledger.ts';
import type { Sequencer } from '../src/application/sequencer.ts';
import type { Command } from '../src/application/waiting-command.ts';
import { produceBlock } from '../src/domain/economy/emission.ts';
import type { Genesis } from '../src/domain/economy/genesis.ts';
import type { Ledger } from '../src/domain/economy/ledger.ts';
import { putSubnet } from '../src/domain/economy/put-subnet.ts';
import { register } from '../src/domain/economy/registration.ts';
import { carryOut, orderKey, type WalletOrder } from '../src/domain/economy/wallet-order.ts';
import { testTerms } from '../src/test/governed.ts';
import { causeOf, mandateOf, TAO, testGenesis, testHashes, testPolicy } from '../src/test/ledger-state.ts';

const migrations = path.join(import.meta.dirname, '../migrations');
const genesis: Genesis = {
  ...testGenesis,
  governance: testTerms,
  accounts: [
    ...testGenesis.accounts,
    { account: 'ann', amount: 500n * TAO },
    { account: 'treasury', amount: 100n * TAO },
  ],
};

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
});

const order = (signer: string, wanted: WalletOrder): Command<unknown> => ({
  run: (ledger) => {
    const sequence = (ledger.sequences.get(orderKey(signer)) ?? 0) + 1;
    return carryOut(ledger, { signer, sequence, expiresAtBlock: 1_000_000, order: wanted });
  },
});
const block: Command<unknown> = { run: (ledger) => produceBlock(ledger, 0) };
const blocks = (count: number): readonly Command<unknown>[] => Array.from({ length: count }, () => block);
const grant = { type: 'Grant', to: 'ann', amount: 10n * TAO, cliffBlocks: 0, vestingBlocks: 4 } as const;

/** From a market with a validator to a proposal that is carried out and a grant that is claimed. */
const STEPS: readonly Command<unknown>[] = [
  {
    run: (ledger) =>
      putSubnet(ledger, {
        netuid: 0,
        handle: 'sp500',
        policy: testPolicy,
        emission: 'Started',
        registration: 'Open',
        mandate: mandateOf('owner'),
        cause: causeOf('sp500', { kind: 'Subnet' }),
      }),
  },
  {
    run: (ledger) =>
      register(ledger, {
        netuid: 1,
        hotkey: 'v1',
        coldkey: 'desk',
        payer: 'desk',
        maxCost: 2n * TAO,
        initialStake: 100n * TAO,
        attempt: 1,
        mandate: null,
        cause: null,
      }),
  },
  order('ann', { type: 'AddStake', netuid: 1, hotkey: 'v1', amount: 50n * TAO }),
  ...blocks(10), // the subnet seals: what was delegated counts
  order('owner', { type: 'DelegateVote', to: undefined }),
  order('owner', { type: 'Propose', title: 'One', description: '', action: grant }),
  order('ann', { type: 'RemoveStake', netuid: 1, hotkey: 'v1', amount: 20n * TAO }),
  order('owner', { type: 'Propose', title: 'Two', description: '', action: { type: 'Spend', to: 'x', amount: TAO } }),
  order('desk', { type: 'Vote', proposal: 1, choice: 'No' }),
  order('desk', { type: 'RemoveStake', netuid: 1, hotkey: 'v1', amount: undefined }),
  order('desk', { type: 'Vote', proposal: 2, choice: 'Yes' }),
  order('ann', { type: 'Vote', proposal: 2, choice: 'Yes' }),
  order('owner', { type: 'Propose', title: 'Three', description: '', action: grant }),
  order('ann', { type: 'Vote', proposal: 3, choice: 'Yes' }),
  ...blocks(5),
  order('wise', { type: 'Veto', proposal: 2 }),
  ...blocks(3),
  order('ann', { type: 'ClaimGrant', grant: 3 }),
  ...blocks(2),
  order('ann', { type: 'ClaimGrant', grant: 3 }),
  ...blocks(2),
  order('ann', { type: 'ClaimGrant', grant: 3 }),
];

/** Runs the steps; before those that `stops` names the ledger ends, and another one reads its store. */
async function run(stops: (step: number) => boolean): Promise<{ readonly refusals: number; readonly end: object }> {
  const url = await postgres.createDatabase();
  let opened = await open(url);
  let refusals = 0;
  for (const [at, step] of STEPS.entries()) {
    if (stops(at)) {
      await opened[Symbol.asyncDispose]();
      opened = await open(url);
    }
    if (!(await opened.sequencer.submit(step)).ok) refusals += 1;
  }
  const end = await opened.sequencer.read(endOf);
  await opened[Symbol.asyncDispose]();
  return { refusals, end };
}

async function open(url: string): Promise<{ readonly sequencer: Sequencer } & AsyncDisposable> {
  const store = await openStore({ url, migrations, lockWaitMs: 5000 });
  const sequencer = await openLedger({
    store: store.store,
    genesis,
    hashes: testHashes,
    monotonicMs: () => performance.now(),
    retryDelay: async () => {},
    onHalt: () => {},
  });
  return {
    sequencer,
    async [Symbol.asyncDispose]() {
      await sequencer.close();
      await store[Symbol.asyncDispose]();
    },
  };
}

function endOf(ledger: Ledger): object {
  return {
    head: ledger.journal.head,
    states: [1, 2, 3].map((id) => ledger.governance.proposal(id)?.state),
    tallies: [1, 2, 3].map((id) => ledger.governance.proposal(id)?.tally),
    paid: ledger.book.posted('TAO', 'x'),
    left: [ledger.governance.history.kept.table.size, ledger.governance.record.grants.length],
  };
}

test('a ledger that ends between any two steps of governance goes on to the same journal, to the hash', async () => {
  const straight = await run(() => false);
  expect(straight.end).toMatchObject({
    // Ann's vote takes her part of the pool out of the owner's, as it was when each began.
    states: ['Rejected', 'Executed', 'Executed'],
    tallies: [{ yes: 0n, no: 150n * TAO }, { yes: 130n * TAO }, { yes: 30n * TAO }],
    paid: TAO,
    left: [0, 0],
  });
  expect(straight.refusals, 'of the first claim, in the block that begins the grant').toBe(1);
  expect(await run(() => true)).toEqual(straight);
  expect(await run((step) => step % 3 === 1)).toEqual(straight);
});
