import fc from 'fast-check';
import { expect, test } from 'vitest';
import { delegatedOf, stakeOf } from '#domain/book/account.ts';
import { simulateAgents } from '#test/agents/agent-simulation.ts';
import type { AgentWorld } from '#test/agents/agent-world.ts';

const ORDERS = ['AddStake', 'RemoveStake', 'MoveStake', 'SetTake', 'Register', 'Transfer'] as const;
const POLITICS = ['Propose', 'Vote', 'DelegateVote', 'VOTED_ALREADY', 'NO_VOTING_POWER'] as const;
const BY_MANDATE = [
  'MandatedTransfer',
  'MandatedAddStake',
  'MandatedRemoveStake',
  'RevokeMandate',
  'MANDATE_EXHAUSTED',
  'MANDATE_EXPIRED',
  'MANDATE_REVOKED',
  'MANDATE_NOT_GRANTED',
] as const;

/** The long run is test/simulation/agents.test.ts. */
test('two hundred actors for two thousand blocks: nobody gets what the rules do not give', () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), (seed) => {
      const { counts, classes, halvings } = simulateAgents({ actors: 200, blocks: 2000, seed });
      for (const [kind, { has, due, actors }] of classes) {
        const off = has > due ? has - due : due - has;
        expect({ kind, isDue: off <= BigInt(10 * actors) }).toEqual({ kind, isDue: true });
      }
      for (const name of [
        ...ORDERS,
        ...POLITICS,
        'EpochPaid',
        'OnRoot',
        'RootPaid',
        'ENVELOPE_REPLAYED',
        'STAKE_TOO_SMALL',
        'INSUFFICIENT_STAKE',
      ]) {
        expect({ name, isFrequent: (counts.get(name) ?? 0) > 50 }).toEqual({ name, isFrequent: true });
      }
      for (const name of BY_MANDATE) {
        expect({ name, isTried: (counts.get(name) ?? 0) > 20 }).toEqual({ name, isTried: true });
      }
      expect(halvings).toBe(2);
    }),
    { numRuns: 1, endOnFailure: true },
  );
});

/** Moves money that nobody's order moved. */
function move(world: AgentWorld, from: string, to: string, amount = 1n): void {
  world.ledger.decide((state) => {
    const paid = state.book.pay({ asset: state.asset, from, parts: [{ to, amount }] });
    if (paid.ok) state.journal.write({ block: state.block, kind: 'Test', payload: {} });
    return paid;
  });
}

/** The first pool that holds something. */
function poolOf({ shadow }: AgentWorld): { readonly netuid: number; readonly hotkey: string } | undefined {
  const place = shadow.pools.places().find((each) => shadow.pools.total(each) > 0n);
  if (place === undefined) return undefined;
  const slash = place.indexOf('/');
  return { netuid: Number(place.slice(0, slash)), hotkey: place.slice(slash + 1) };
}

test.each<[string, RegExp, (world: AgentWorld) => void]>([
  ['a rao from wallet to wallet', /has \d+ rao, and the rules give it/, (world) => move(world, 'honest-0', 'sybil-0')],
  ['a rao out of nothing', /rao issued, not/, (world) => move(world, 'mint', 'greedy-1')],
  [
    'a rao out of a pool for each that is in it',
    /are nobody's|owes \d+ rao and has|waiting at|was worth|the rules give it/,
    (world) => {
      const place = poolOf(world);
      if (place !== undefined) move(world, delegatedOf(place.netuid, place.hotkey), 'griefer-0', 40n);
    },
  ],
  [
    'a rao of a neuron’s stake',
    /sealed \d+ \+ \d+ rao, not|the rules give it/,
    (world) => {
      const neuron = [...world.shadow.subnet(1).neurons.values()].find(({ stake }) => stake > 0n);
      if (neuron !== undefined) move(world, stakeOf(1, neuron.hotkey, neuron.coldkey), 'griefer-0');
    },
  ],
  [
    'a take that nobody ordered',
    /sealed a take/,
    ({ ledger, shadow }) => {
      for (const { hotkey } of shadow.subnet(1).neurons.values()) {
        ledger.decide((state) => {
          state.takes.put(hotkey, { u16: 77, changedAtBlock: 0 });
          return { ok: true, value: undefined };
        });
      }
    },
  ],
  [
    'a rao that votes and stands nowhere',
    /has \d+\/\d+\/\d+, not/,
    ({ ledger }) => {
      const [id] = ledger.governance.record.voting;
      const proposal = id === undefined ? undefined : ledger.governance.proposal(id);
      if (proposal === undefined) return;
      ledger.decide((state) => {
        state.governance.putProposal({ ...proposal, tally: { ...proposal.tally, yes: proposal.tally.yes + 1n } });
        return { ok: true, value: undefined };
      });
    },
  ],
  [
    'a vote with stake that was moved since another voted with it',
    /has \d+\/\d+\/\d+, not|rao of \d+ voted/,
    ({ ledger }) => {
      ledger.decide((state) => {
        const { table } = state.governance.history.kept;
        for (const [key] of table.entries()) table.remove(key);
        return { ok: true, value: undefined };
      });
    },
  ],
  [
    'a mandate whose use is forgotten',
    /rao are gone by it, more than \d+/,
    ({ ledger }) => {
      ledger.decide((state) => {
        for (const [key, { payer, revoked }] of state.mandates.entries())
          state.mandates.put(key, { payer, revoked, used: 0n });
        return { ok: true, value: undefined };
      });
    },
  ],
  [
    'a mandate whose end is forgotten',
    /after it was revoked/,
    ({ ledger }) => {
      ledger.decide((state) => {
        for (const [key, record] of state.mandates.entries()) state.mandates.put(key, { ...record, revoked: false });
        return { ok: true, value: undefined };
      });
    },
  ],
  [
    'a deposit that goes to nobody',
    /has \d+ rao, and the rules give it|the treasury has/,
    ({ ledger }) => {
      const [id] = ledger.governance.record.voting;
      if (id === undefined) return;
      ledger.decide((state) => {
        const proposal = state.governance.proposal(id);
        if (proposal !== undefined) state.governance.putProposal({ ...proposal, proposer: 'owner' });
        return { ok: true, value: undefined };
      });
    },
  ],
])('%s is found', (_what, message, meddle) => {
  expect(() => simulateAgents({ actors: 40, blocks: 400, seed: 1 }, meddle)).toThrow(message);
});
