import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pairOfSeed } from '@subnetes/keys/sr25519-pair';
import { afterAll, expect, test } from 'vitest';
import { Failure } from './failure.ts';
import { networkChangesOf, networkTexts } from './network-changes.ts';
import { actionJson, actionOf } from './proposal-action.ts';

const folder = mkdtempSync(join(tmpdir(), 'subnetes-changes-'));
afterAll(() => rmSync(folder, { recursive: true }));
const { address } = pairOfSeed(new Uint8Array(32).fill(3), 'arbiter');

function fileOf(text: string): string {
  const file = join(folder, 'slashing.yaml');
  writeFileSync(file, text);
  return `slashing=@${file}`;
}

const SLASHING = `
slashing:
  conditions:
    - { type: DoubleSigning, ppm: 50000 }
    - { type: Deviation, ppm: 5000, max: "900.5", epochs: 10, atLeast: 600000 }
  disputeBlocks: 14400
  decisionBlocks: 21600
  windowBlocks: 216000
  windowPpm: 100000
  reportDeposit: "10"
  deciders: { type: Arbiters, keys: [${address}], required: 1 }
  distribution: { burnPpm: 500000, reporterPpm: 100000, insurancePpm: 400000 }
`;
const NOTHING = {
  action: undefined,
  spend: undefined,
  grant: undefined,
  to: undefined,
  cliffBlocks: 0,
  vestingBlocks: undefined,
  revokeGrant: undefined,
  settleDispute: undefined,
  netuid: undefined,
  set: [],
};

test('rules of the network are said as people say them, and told as what they do', () => {
  const set = ['blockReward=0.5', 'blockTime=6s', 'symbol=SUB', 'governance.quorumPpm=200000', 'governance.deposit=50'];
  expect(
    actionJson(
      actionOf({ ...NOTHING, set: [...set, 'halving=None', 'unbondingBlocks=50400', 'rootStakeWeight=0.18'] }),
    ),
  ).toEqual({
    network: {
      blockRewardRao: '500000000',
      blockTimeMs: 6000,
      symbol: 'SUB',
      halving: 'None',
      unbondingBlocks: 50_400,
      rootStakeWeightPpm: 180_000,
      governance: { quorumPpm: 200_000, depositRao: '50000000000' },
    },
  });
  const text = networkTexts(networkChangesOf([...set, 'rootStakeWeight=0.18']), 'TAO').join('; ');
  expect(text).toMatch(/root counts for 18(\.0+)? %/);
  expect(networkTexts(networkChangesOf(['rootStakeWeight=0']), 'TAO').join()).toContain('no stake is taken on root');
  for (const part of ['mint 0.5 TAO', 'each 6 s', 'called SUB', 'a deposit of 50 TAO, quorumPpm=200000']) {
    expect(text).toContain(part);
  }
});

test('terms of slashing come from a file as genesis has them', () => {
  const changes = networkChangesOf([fileOf(SLASHING)]);
  expect(changes.slashing).toMatchObject({
    conditions: [
      { type: 'DoubleSigning', ppm: 50_000 },
      { type: 'Deviation', ppm: 5000, maxRao: '900500000000', epochs: 10, atLeast: 600_000 },
    ],
    disputeBlocks: 14_400,
    reportDepositRao: '10000000000',
    arbiters: [address],
    arbitersRequired: 1,
    burnPpm: 500_000,
  });
  const text = networkTexts(changes, 'TAO').join('; ');
  expect(text).toContain('DoubleSigning 5 %; Deviation 0.5 %, 900.5 TAO at most for 10 epochs of 600000');
  expect(text).toContain('14400 blocks to dispute and 21600 to decide, by 1 of 1 arbiters');
});

test.for([
  [['blockReward=much'], '--set blockReward'],
  [['blockTime=6'], 'must be like 500ms'],
  [['unbondingBlocks=1.5'], 'whole number'],
  [['rootStakeWeight=1.000001'], '0 to 1'],
  [['rootStakeWeight=18%'], '0 to 1'],
  [['cap=1'], 'NAME is one of blockReward'],
  [['constructor=1'], 'NAME is one of blockReward'],
  [['symbol'], 'NAME=VALUE'],
  [['symbol=AB', 'symbol=CD'], 'given twice'],
  [['slashing=5'], 'must be @FILE'],
  [['slashing=@/nowhere'], 'holds no terms'],
])('%j is refused before anybody is asked', ([set, message]) => {
  expect(() => networkChangesOf(set as string[])).toThrow(Failure);
  expect(() => networkChangesOf(set as string[])).toThrow(message as string);
});

test.for([
  SLASHING.replace('disputeBlocks', 'disputeBlock'),
  SLASHING.replace('type: Arbiters', 'type: Everybody'),
  SLASHING.replace(`[${address}]`, '[]'),
  SLASHING.replace('ppm: 50000', 'ppm: lots'),
  'conditions: 3',
  '',
])('a file of other terms is refused', (text) => {
  expect(() => networkChangesOf([fileOf(text)])).toThrow('holds no terms of slashing');
});

test('a dispute is settled by the coldkey of its swap', () => {
  const action = actionOf({ ...NOTHING, settleDispute: address });
  expect(actionJson(action)).toEqual({ settleDispute: { coldkey: address } });
  expect(() => actionOf({ ...NOTHING, settleDispute: '5F' })).toThrow('no SS58 address');
});
