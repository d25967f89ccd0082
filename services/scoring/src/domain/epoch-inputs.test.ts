import { describe, expect, test } from 'vitest';
import { POLICY } from '../test/judged.ts';
import { NO_BONDS } from './bonds.ts';
import { buildEpochInputs, type EpochDue, type GatheredWeights, type SealedNeuron } from './epoch-inputs.ts';
import type { CountedRow } from './weights.ts';

const neuron = (uid: number, registeredAt = 2): SealedNeuron => ({
  uid,
  hotkey: `hot${uid}`,
  coldkey: `cold${uid}`,
  registeredAt,
  registrationId: `r${uid}@${registeredAt}`,
  stake: uid === 3 ? 5000n : 0n,
  ownerHotkey: false,
});

function due(neurons: readonly SealedNeuron[]): EpochDue {
  return {
    sequence: 900,
    netuid: 1,
    index: 7,
    block: 141,
    subnetStartBlock: 1,
    pots: { owner: 0n, miners: 10n, validators: 10n },
    neurons,
    policy: POLICY,
    nextPolicy: undefined,
    previousInputsSha256: '',
  };
}

const row = (change: Partial<CountedRow> = {}): CountedRow => ({
  registrationId: 'r3@2',
  uid: 3,
  mechanismId: 0,
  source: 'Salted',
  interval: 5,
  block: 90,
  weights: [
    [0, 10],
    [1, 20],
  ],
  sequence: 7n,
  ...change,
});

function validator(neurons: readonly SealedNeuron[], inForce: readonly CountedRow[]) {
  const permits = new Set(['r3@2']);
  const gathered: GatheredWeights = { lastEpochBlock: 121, inForce, permits, bonds: NO_BONDS, states: {} };
  return buildEpochInputs('net', due(neurons), gathered).mechanisms[0]?.epoch.neurons[3];
}

describe('a validator’s last update', () => {
  const neurons = [neuron(0), neuron(1), neuron(2), neuron(3)];

  test('is the block of the commit whose row counts, or of its registration', () => {
    expect(validator(neurons, [row()])).toMatchObject({ lastUpdate: 90, oldestCommit: null });
    expect(validator(neurons, [])).toMatchObject({ lastUpdate: 2, oldestCommit: null, weights: [] });
  });

  test('is of the row of its own mechanism and registration', () => {
    expect(validator(neurons, [row({ mechanismId: 1 })])).toMatchObject({ lastUpdate: 2, weights: [] });
    expect(validator(neurons, [row({ registrationId: 'r3@1' })])).toMatchObject({ lastUpdate: 2, weights: [] });
  });

  test('stays when the row was emptied: what it has shown it has shown', () => {
    expect(validator(neurons, [row({ weights: [] })])).toMatchObject({ lastUpdate: 90, weights: [] });
  });
});

describe('weights on a uid', () => {
  test.for([
    {
      registeredAt: 89,
      weights: [
        [0, 10],
        [1, 20],
      ],
    },
    { registeredAt: 90, weights: [[0, 10]] },
    { registeredAt: 130, weights: [[0, 10]] },
  ])('that was given out at block $registeredAt', ({ registeredAt, weights }) => {
    const neurons = [neuron(0), neuron(1, registeredAt), neuron(2), neuron(3)];
    expect(validator(neurons, [row()])?.weights).toEqual(weights);
  });

  test('that nobody holds do not count', () => {
    expect(validator([neuron(0), neuron(3)], [row()])?.weights).toEqual([[0, 10]]);
  });
});
