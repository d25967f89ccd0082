import { networkIdOf } from '@subnetes/keys/canonical-hash';
import type { JournalEntry } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { startNats, type TestNats } from '@subnetes/testkit/nats';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type LedgerProcess, startLedger } from './ledger-process.ts';
import { desk, genesis as equalGenesis, mandateOf, owner, putSubnetOf } from './market.ts';

const SMOOTHING = 4n;
const REWARD = 1000n;
const genesis = {
  ...equalGenesis,
  blockTimeMs: 300, // a fee is in use for some twenty blocks, within which the ledger is killed, starts and is asked
  blockReward: '0.000001',
  emissionPolicy: { name: 'Utility', version: 1, smoothingBlocks: Number(SMOOTHING) },
  accounts: [{ address: 'billing:shop', amount: '1' }],
};
const mandate = mandateOf(owner, { networkId: networkIdOf(genesis) });

let postgres: TestPostgres;
let nats: TestNats;
beforeAll(async () => {
  [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
});
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
  await nats[Symbol.asyncDispose]();
});

/** Settles one call as billing does: the miner's, the owner's and the network's part, the last of them burned. */
async function settle({ client }: LedgerProcess, id: string, netuid: number, feeRao: bigint) {
  const { block } = await client.getNetwork({});
  const amountRao = feeRao * 50n;
  const hold = { id, account: 'billing:shop', amount: { asset: 'TAO', amount: String(amountRao) } };
  await client.createHolds({ holds: [{ ...hold, expiresAtBlock: block + 1000n }] });
  const parts = [
    { to: desk.address, amountRao: String(feeRao * 40n), code: 'usage-miner' },
    { to: owner.address, amountRao: String(feeRao * 9n), code: 'usage-owner' },
    { to: 'burned', amountRao: String(feeRao), code: 'usage-network', netuid },
  ];
  const { results } = await client.postHolds({ posts: [{ id: `${id}/1`, holdId: id, close: true, parts }] });
  expect(results.map(({ ok, message }) => [ok, message])).toEqual([[true, '']]);
}

async function basisIs(ledger: LedgerProcess, basis: string) {
  return await eventually(async () => {
    const network = await ledger.client.getNetwork({});
    return network.emissionBasis === basis ? network : undefined;
  }, `blocks are split by ${basis}`);
}

async function readJournal({ client }: LedgerProcess): Promise<readonly JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for (;;) {
    const page = await client.listEntries({ afterSequence: entries.at(-1)?.sequence ?? 0n, limit: 1000 });
    entries.push(...page.entries);
    if (page.entries.length < 1000) return entries;
  }
}

interface Posted {
  readonly parts: readonly { readonly to: string; readonly amount: string; readonly netuid?: number }[];
}

/** What each block has to pay into the pots of subnets 1 and 2, by nothing but what the journal says before it. */
function recomputed(entries: readonly JournalEntry[]) {
  const waiting = [0n, 0n];
  return entries.flatMap(({ kind, payloadJson, postings }) => {
    if (kind === 'HoldPosted') {
      for (const { to, amount, netuid } of (JSON.parse(payloadJson) as Posted).parts) {
        if (netuid === undefined) continue;
        const isBurned = postings.some(({ account, delta }) => account === to && to === 'burned' && delta === amount);
        if (!isBurned) throw new Error(`the entry does not burn the ${amount} rao that it says`);
        waiting[netuid - 1] = (waiting[netuid - 1] ?? 0n) + BigInt(amount);
      }
    }
    const paid = [1, 2].map((netuid) =>
      BigInt(postings.find(({ account }) => account === `pot:${netuid}`)?.delta ?? 0),
    );
    if (kind !== 'Block' || paid.includes(0n)) return [];
    const use = waiting.map((rao) => rao / SMOOTHING);
    for (const [at, amount] of use.entries()) waiting[at] = (waiting[at] ?? 0n) - amount;
    const rest = REWARD - use.reduce((sum, amount) => sum + amount, 0n);
    const due = use.map((amount, at) => amount + rest / 2n + (BigInt(at) < rest % 2n ? 1n : 0n));
    return [{ use, due, paid }];
  });
}

test('emission follows the fees that settled calls burn, through a crash, and the journal alone proves it', async () => {
  const databaseUrl = await postgres.createDatabase();
  const start = () => startLedger({ databaseUrl, natsUrl: nats.url, genesis });
  let first: readonly { readonly netuid: number; readonly useRao: string }[];
  {
    await using ledger = await start();
    for (const handle of ['sp500', 'weather']) await ledger.client.putSubnet(putSubnetOf(handle, mandate));
    expect(await basisIs(ledger, 'EqualUntilUtility')).toMatchObject({ networkFeeBurned: true });
    // Both fees may fall into one block: together they stay below four rewards, above which use is divided in proportion.
    await settle(ledger, 'call-1', 1, 2000n);
    ({ emissionShares: first } = await basisIs(ledger, 'Utility'));
    await ledger.kill('SIGKILL');
  }
  expect(Number(first[0]?.useRao)).toBeGreaterThan(Number(first[1]?.useRao));
  await using ledger = await start();
  const { emissionShares: again } = await basisIs(ledger, 'Utility');
  expect(again[0]).toMatchObject({ netuid: 1, useRao: expect.stringMatching(/^[1-9]/) });
  await settle(ledger, 'call-2', 2, 1600n);
  await basisIs(ledger, 'EqualUntilUtility');

  const blocks = recomputed(await readJournal(ledger));
  expect(blocks.map(({ paid }) => paid)).toEqual(blocks.map(({ due }) => due));
  const gains = [0, 1].map((at) => blocks.reduce((sum, { use }) => sum + (use[at] ?? 0n), 0n));
  for (const [at, burned] of [2000n, 1600n].entries()) {
    // Less than a rao a block waits for more.
    expect(burned - (gains[at] ?? 0n)).toBeGreaterThanOrEqual(0n);
    expect(burned - (gains[at] ?? 0n)).toBeLessThan(SMOOTHING);
  }
  const { burnedRao } = await ledger.client.getNetwork({});
  expect(burnedRao).toBe('3600');
  const audit = await ledger.client.audit({ verifyChain: true });
  expect(audit).toMatchObject({ differenceRao: '0', chainVerified: true, findings: [], burnedRao: '3600' });
});
