import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { PROPOSALS_KEPT } from '#application/reconcile-proposals.ts';
import type { ProposalView } from '#domain/proposal-status.ts';
import { openCluster, runOperator, type TestCluster } from './harness.ts';
import { MemoryLedger } from './memory-ledger.ts';

const TAO = 1_000_000_000n;

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await openCluster();
});
afterAll(() => cluster[Symbol.asyncDispose]());

function proposalOf(id: number, change: Partial<ProposalView> = {}): ProposalView {
  return {
    id,
    title: `Proposal ${id}`,
    proposer: '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY',
    action: 'Spend',
    state: 'Voting',
    startBlock: id,
    endBlock: id + 100,
    executeBlock: 0,
    doneBlock: 0,
    stakedRao: 3n * TAO,
    yesRao: TAO,
    noRao: 0n,
    abstainRao: 0n,
    quorumPpm: 100_000,
    thresholdPpm: 500_000,
    changes: [],
    isSimulated: false,
    reason: '',
    ...change,
  };
}

const newestFirst = (last: number, change: Partial<ProposalView> = {}): readonly ProposalView[] =>
  Array.from({ length: last }, (_, at) => proposalOf(last - at, change));

async function names(): Promise<readonly string[]> {
  return (await cluster.list('Proposal', '')).map(({ metadata }) => metadata.name);
}

/** What the operator wrote of proposals until `check` holds. */
async function writesUntil(ledger: MemoryLedger, check: () => Promise<void>): Promise<number> {
  await using running = await runOperator(cluster, ledger);
  await vi.waitFor(check, { timeout: 60_000, interval: 100 });
  expect(running.errors).toEqual([]);
  return running.writes.filter(({ path }) => path.includes('/proposals')).length;
}

test('the newest proposals stand in the cluster, older ones go, and nothing is written twice', async () => {
  const ledger = new MemoryLedger();
  ledger.proposals = newestFirst(PROPOSALS_KEPT + 10);
  await writesUntil(ledger, async () => {
    const all = await cluster.list('Proposal', '');
    expect(all).toHaveLength(PROPOSALS_KEPT);
    expect(all.filter(({ status }) => status?.['state'] === 'Voting')).toHaveLength(PROPOSALS_KEPT);
  });
  expect((await cluster.get('Proposal', undefined, 'proposal-60'))?.status).toMatchObject({
    id: 60,
    title: 'Proposal 60',
    action: 'Spend',
    yesPpm: 333_333,
    simulated: false,
  });
  expect(await names()).not.toContain('proposal-10');

  const same = await writesUntil(ledger, async () => expect(await names()).toHaveLength(PROPOSALS_KEPT));
  expect(same).toBe(0);

  ledger.proposals = [
    proposalOf(61),
    ...newestFirst(PROPOSALS_KEPT + 10).map((each) =>
      each.id === 60 ? proposalOf(60, { state: 'Failed', doneBlock: 9, reason: 'INSUFFICIENT_FUNDS: no' }) : each,
    ),
  ];
  const few = await writesUntil(ledger, async () => {
    expect(await names()).not.toContain('proposal-11');
    expect((await cluster.get('Proposal', undefined, 'proposal-61'))?.status?.['state']).toBe('Voting');
    expect((await cluster.get('Proposal', undefined, 'proposal-60'))?.status).toMatchObject({
      state: 'Failed',
      doneBlock: 9,
      reason: 'INSUFFICIENT_FUNDS: no',
    });
  });
  expect(few, 'one made, one taken away, two statuses').toBe(4);
});

test('a network without governance has none, and what stands there from another one goes', async () => {
  await cluster.apply({ apiVersion: 'subnetes.io/v1alpha1', kind: 'Proposal', metadata: { name: 'proposal-999' } });
  await writesUntil(new MemoryLedger(), async () => expect(await names()).toEqual([]));
});
