import { expect, test } from 'vitest';
import type { MetagraphRecord, NetworkRecord, NeuronRecord, ScoredRecord, SubnetRecord } from './market.ts';
import { metagraphView } from './metagraph-view.ts';
import type { SlashRecord } from './slash-view.ts';

const network: NetworkRecord = { networkId: 'aa', symbol: 'TAO', block: 118n, blockTimeMs: 1000, blockRewardRao: 1n, issuedRao: 1n, burnedRao: 0n, capRao: 1n, journalEntries: 1n }; // prettier-ignore
const subnet: SubnetRecord = { netuid: 1, handle: 'sp500', ownerColdkey: '5C', emissionStarted: true, registration: 'Open', neurons: 1, epochIndex: 5n, epochBlock: 111n, nextEpochBlock: 111n, lastPaidIndex: 4n, emissionLastEpochRao: 0n, potRao: 0n, registrationCostRao: 0n, tempo: 20, policyVersion: 1n, pendingEvictions: 0, evictionNoticeBlocks: 0, dissolution: undefined }; // prettier-ignore
const neuron: NeuronRecord = { uid: 3, hotkey: '5Hotkey-of-the-newcomer', coldkey: '5C', registeredAtBlock: 3n, immuneUntilBlock: 118n, stakeRao: 0n, delegatedRao: 0n, takeU16: 0, earnedTotalRao: 0n, managedBy: undefined, urls: [], notice: undefined }; // prettier-ignore
const scored: ScoredRecord = { uid: 3, hotkey: neuron.hotkey, validatorPermit: false, stakeRao: 0n, trustU16: 0, consensusU16: 0, incentiveU16: 65_535, dividendsU16: 0, validatorTrustU16: 0, incentiveRao: 7n, dividendRao: 1n, weightsState: undefined, lastUpdateBlock: 0n, loss: 0.005, judged: 0, answers: 0, invalid: 0, why: 'first', whyReason: 'Earning' }; // prettier-ignore
const metagraph = (neurons: readonly ScoredRecord[]): MetagraphRecord => ({ netuid: 1, epochIndex: 5n, block: 111n, inputsSha256: 'bb', neurons, validatorsWithPermit: 0, validatorsRevealed: 0, replayDay: '' }); // prettier-ignore
const view = (record: MetagraphRecord | undefined, change: Partial<NeuronRecord> = {}) =>
  metagraphView({ network, subnet, neurons: [{ ...neuron, ...change }], metagraph: record }, []).neurons[0];

test('shares and money are those of the registration that holds the uid', () => {
  expect(view(metagraph([scored]))).toMatchObject({ incentive: 1, earnedLastEpoch: { rao: '8' }, why: 'first' });
});

test('a uid that was given out again inherits nothing', () => {
  expect(view(metagraph([{ ...scored, hotkey: '5Predecessor' }]))).toMatchObject({
    incentive: 0,
    reason: 'NotJudgedYet',
  });
});

test('what is not known is null and never zero', () => {
  expect(view(metagraph([scored]))).toMatchObject({ loss: null, invalidShare: null, weights: null });
  expect(view(undefined)).toMatchObject({ loss: null, invalidShare: null });
});

test('immunity ends with its block', () => {
  expect(view(undefined, { immuneUntilBlock: 118n })?.immune).toBe(false);
  expect(view(undefined, { immuneUntilBlock: 119n })?.immune).toBe(true);
});

test('a notice tells its block, what is left of it and what staying costs', () => {
  expect(view(undefined)?.notice).toBeNull();
  const notice = view(undefined, { notice: { dueBlock: 121n, priceRao: 1_500_000_000n } })?.notice;
  expect(notice).toEqual({ dueBlock: 121, inBlocks: 3, price: { rao: '1500000000', text: '1.5 TAO' } });
  expect(view(undefined, { notice: { dueBlock: 118n, priceRao: 1n } })?.notice?.inBlocks).toBe(0);
});

test('an open slash stands beside the neuron that it is of, also when that has left', () => {
  const slash: SlashRecord = { slashId: 'ab', type: 'Deviation', status: 'Pending', hotkey: neuron.hotkey, instance: '3-5', amountRao: 1n, takenRao: 0n, disputeUntilBlock: 120n, dueBlock: 121n }; // prettier-ignore
  const left = { ...slash, slashId: 'cd', hotkey: '5Hotkey-of-one-that-left' };
  const { slashes } = metagraphView({ network, subnet, neurons: [neuron], metagraph: undefined }, [slash, left]);
  expect(slashes).toMatchObject([
    { id: 'ab', uid: 3, name: '5Hotkey-…', what: 'Deviation 3-5', isOpen: true },
    { id: 'cd', uid: null, name: '5Hotkey-…' },
  ]);
});

test('a neuron is known by its resource, one from outside by its hotkey and its permit', () => {
  expect(view(metagraph([scored]))).toMatchObject({ name: '5Hotkey-…', role: 'Miner' });
  expect(view(metagraph([{ ...scored, validatorPermit: true }]))?.role).toBe('Validator');
  const managedBy = { kind: 'Miner', namespace: 'finance', name: 'garch' };
  expect(view(metagraph([{ ...scored, validatorPermit: true }]), { managedBy })).toMatchObject({
    name: 'garch',
    role: 'Miner',
  });
});
