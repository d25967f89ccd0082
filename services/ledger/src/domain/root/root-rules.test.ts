import { describe, expect, test } from 'vitest';
import { delegatedOf } from '#domain/book/account.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { TAKE_MAX_U16 } from '#domain/economy/take.ts';
import { changeNetwork } from '#domain/governance/network-change.ts';
import { stakeAtFault } from '#domain/slashing/stake-at-fault.ts';
import { done, enroll, expectConserved, orderBy, produce, TAO } from '#test/ledger-state.ts';
import { payParts, rootMarket, WEIGHT_PPM } from '#test/root-market.ts';

const ROOT = { netuid: 0, hotkey: 'v1' };
const stake = (ledger: Ledger, wallet: string, tokens: bigint) =>
  orderBy(ledger, wallet, { type: 'AddStake', ...ROOT, amount: tokens * TAO });
const pooled = (ledger: Ledger) => ledger.book.posted('TAO', delegatedOf(0, 'v1'));
const sealedNeuron = (ledger: Ledger) => ledger.sealed.get('1')?.neurons[0];
const free = (ledger: Ledger, wallet: string) => ledger.book.posted('TAO', wallet);

test('a weight that changes counts from the next seal on; what is sealed is paid by the weight of its seal', () => {
  const weigh = (state: Ledger, rootStakeWeightPpm: number) =>
    done(state.decide((ledger) => changeNetwork(ledger, { rootStakeWeightPpm })));
  const ledger = rootMarket();
  done(stake(ledger, 'ann', 100n));
  produce(ledger, 10);
  const { root } = ledger.sealed.get('1') ?? {};
  weigh(ledger, 0);
  const before = pooled(ledger);
  payParts(ledger, 1, { parts: new Map([[0, 1_000_000]]), miner: 1 });
  payParts(ledger, 2, { parts: new Map() });
  expect(root?.weightPpm).toBe(WEIGHT_PPM);
  expect(pooled(ledger)).toBeGreaterThan(before);
  expect(stake(ledger, 'bob', 10n)).toMatchObject({ ok: false, code: 'NOT_REGISTERED' });
  produce(ledger, 10);
  expect(ledger.sealed.get('1')).not.toHaveProperty('root');
  expect(sealedNeuron(ledger)).toMatchObject({ stake: 60n * TAO });
  done(orderBy(ledger, 'ann', { type: 'RemoveStake', ...ROOT, amount: undefined }));
  expect(pooled(ledger)).toBe(0n);
  payParts(ledger, 1, { parts: new Map([[0, 1_000_000]]) });
  weigh(ledger, 1_000_000);
  done(stake(ledger, 'bob', 10n));
  produce(ledger, 10);
  expect(sealedNeuron(ledger)).toMatchObject({ stake: 70n * TAO });
  expectConserved(ledger);
});

test('a slash of a neuron takes what lies in its subnet, and nothing of what stands behind it on root', () => {
  const ledger = rootMarket({ unbondingBlocks: 40 });
  done(stake(ledger, 'ann', 100n));
  produce(ledger, 10);
  const registrationId = ledger.neuronByHotkey(1, 'v1')?.registrationId ?? '';
  const fault = { netuid: 1, hotkey: 'v1', registrationId, offenceBlock: ledger.block };
  expect(stakeAtFault(ledger, fault)).toMatchObject({ own: 60n * TAO, pool: 0n, total: 60n * TAO });
});

describe('beside a root network', () => {
  const emissionPolicy = { name: 'RootWeights', version: 1, tempo: 10 } as const;

  test('a member’s own stake there counts too, and so does what is delegated to it', () => {
    const ledger = rootMarket({ emissionPolicy });
    done(enroll(ledger, 'v1', { netuid: 0, initialStake: 20n * TAO }));
    done(stake(ledger, 'ann', 30n));
    produce(ledger, 10);
    expect(sealedNeuron(ledger)).toMatchObject({ root: { stake: 50n * TAO, delegated: 30n * TAO } });
    const before = free(ledger, 'desk');
    const rootPot = ledger.sealed.get('2')?.validator ?? 0n;
    const miner = ledger.sealed.get('2')?.miner ?? 0n;
    payParts(ledger, 2, { parts: new Map([[0, 1_000_000]]) });
    const gained = pooled(ledger) - 30n * TAO;
    expect(Number(gained) / Number(rootPot + miner)).toBeCloseTo(0.6 * (1 - TAKE_MAX_U16 / 65_535), 6);
    expect(free(ledger, 'desk') - before + gained).toBe(rootPot + miner);
    expectConserved(ledger);
  });

  test('an owner that staked before it took a seat has both back', () => {
    const ledger = rootMarket({ emissionPolicy });
    done(stake(ledger, 'desk', 30n));
    done(enroll(ledger, 'v1', { netuid: 0, initialStake: 20n * TAO }));
    produce(ledger, 10);
    const before = free(ledger, 'desk');
    for (const _ of [1, 2]) done(orderBy(ledger, 'desk', { type: 'RemoveStake', ...ROOT, amount: undefined }));
    expect(free(ledger, 'desk') - before).toBe(50n * TAO);
    expectConserved(ledger);
  });
});
