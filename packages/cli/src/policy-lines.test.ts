import { runEpoch } from '@subnetes/consensus/epoch';
import { inputFromStored } from '@subnetes/consensus/epoch-json';
import { neuronAccount } from '@subnetes/consensus/neuron-account';
import { RECOMMENDED } from '@subnetes/policy/recommended';
import { paidChanges } from '@subnetes/policy/shaped-payout';
import { expect, test } from 'vitest';
import epoch from '../test/fixtures/epoch.json' with { type: 'json' };
import type { Telling } from './account-lines.ts';
import { policyLines } from './policy-lines.ts';
import { readInputs, recomputeEpoch, sha256Hex } from '@subnetes/replay/recompute-epoch';
import { changedDocument } from './what-if.ts';

const telling = { found: { neighbours: [] }, symbol: 'TAO', kappaU16: 32_767, isYuma3: true } as unknown as Telling;
const document = readInputs(epoch.inputsJson);
const names = Object.keys(RECOMMENDED).join(',');
const under = changedDocument(document, {
  overrides: [{ name: 'countermeasures', value: names }],
  without: [],
}).document;

test('the same inputs under countermeasures give other outputs; taken away again, the very ones that are stored', () => {
  const inputsSha256 = sha256Hex(epoch.inputsJson);
  expect(recomputeEpoch(under, inputsSha256).outputsSha256).not.toBe(epoch.outputsSha256);
  const off = changedDocument(under, { overrides: [{ name: 'countermeasures', value: 'off' }], without: [] });
  expect(recomputeEpoch(off.document, inputsSha256).outputsSha256).toBe(epoch.outputsSha256);
  expect(off.changes).toMatchObject([{ parameter: 'countermeasures', before: names, after: 'off' }]);
});

test('a line a rule, from the consensus alone to what was paid', () => {
  const recomputed = recomputeEpoch(under, epoch.inputsSha256);
  const [mechanism] = recomputed.mechanisms;
  const [outcome] = recomputed.outcomes;
  const [stored] = under.mechanisms;
  const { pots, payout } = mechanism!;
  const { consensus, adjustments } = outcome!;
  const uid = payout.incentive.findIndex((paid) => paid > 0n);
  const input = inputFromStored(stored!.epoch);
  expect(consensus).toEqual(runEpoch(input));
  const account = {
    id: 0,
    emissionWeight: 1,
    ...neuronAccount(uid, { input, output: consensus, pots }),
    policy: paidChanges(uid, { consensus, adjustments, pots }),
    abstention: { reason: 'no-score', figures: { entries: 0 } },
  };
  const lines = policyLines(account, 'Miner', telling).map((line) => line.trim());
  expect(lines[1]).toBe('Abstains: no-score (entries 0).');
  const firsts = lines.slice(2, -1).map((line) => line.split('  ')[0]);
  expect(firsts).toEqual([
    'POLICY',
    'consensus alone',
    'firewall',
    'bounded-scores',
    'quality-floor',
    'incentive-curve',
    'reputation',
    'deviation',
    'paid',
  ]);
  expect(lines.at(-2)).toMatch(new RegExp(` ${payout.incentive[uid]}$`));
  expect(policyLines({ ...account, policy: [], abstention: undefined }, 'Validator', telling)).toEqual([]);
});
