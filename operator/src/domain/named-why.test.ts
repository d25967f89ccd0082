import { expect, test } from 'vitest';
import type { NeuronView, PaidEpoch, PaidNeuron } from './market.ts';
import { withNames } from './named-why.ts';

const neuron = (uid: number, registrationId: string, managedByName: string): NeuronView => ({
  uid,
  hotkey: `hotkey-${registrationId}`,
  coldkey: '',
  registrationId,
  registeredAtBlock: 1,
  immuneUntilBlock: 1,
  stakeRao: 0n,
  managedByUid: '',
  managedByName,
});
const NEURONS = new Map(
  [neuron(1, 'r1', 'garch'), neuron(11, 'r11', ''), neuron(2, 'newer', 'late')].map((each) => [each.hotkey, each]),
);

const EPOCH: Omit<PaidEpoch, 'neurons'> = {
  index: 5,
  block: 111,
  nextBlock: 131,
  inputsSha256: '',
  emissionRao: 0n,
  validatorsWithPermit: 3,
  functions: [],
  validatorsRevealed: 3,
};

function told(why: string): string | undefined {
  const paid: Partial<PaidNeuron> = { uid: 1, why };
  const others: Partial<PaidNeuron>[] = [
    { uid: 11, why: '' },
    { uid: 2, why: '' },
  ];
  const neurons = new Map(['r1', 'r11', 'older'].map((id, at) => [id, [paid, ...others][at] as PaidNeuron]));
  return withNames({ ...EPOCH, neurons }, NEURONS).neurons.get('r1')?.why;
}

test.for([
  ['would have to give 0.0421 more each to pass uid 1', 'would have to give 0.0421 more each to pass garch (uid 1)'],
  ['nobody manages uid 11, and uid 1 is another', 'nobody manages uid 11, and garch (uid 1) is another'],
  ['uid 2 is held by somebody else now', 'uid 2 is held by somebody else now'],
  ['place 2 of 4 with loss 0.00571', 'place 2 of 4 with loss 0.00571'],
])('%s', ([why = '', expected]) => {
  expect(told(why)).toBe(expected);
});
