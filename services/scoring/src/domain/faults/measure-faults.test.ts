import { expect, test } from 'vitest';
import type { EpochInputs, SealedNeuron } from '../epoch-inputs.ts';
import type { FaultRow, FaultType, SaidFault } from './fault.ts';
import { measureFaults } from './measure-faults.ts';

/** Uids 0 and 1 are miners, 2 to 4 validators with permits and stakes 45 : 35 : 20, 5 one without a permit. */
const STAKES = [0n, 0n, 45n, 35n, 20n, 900n];
const HASH = 'a'.repeat(64);

function inputsWith({ kappaU16 = 32_767, minStake = 0n } = {}): Pick<EpochInputs, 'due' | 'mechanisms'> {
  const neurons = STAKES.map((stake, uid): SealedNeuron => ({
    uid,
    hotkey: `hotkey-${uid}`,
    coldkey: `coldkey-${uid}`,
    registeredAt: 1,
    registrationId: `r${uid}`,
    stake,
    ownerHotkey: false,
  }));
  const permits = [false, false, true, true, true, false];
  const epoch = {
    parameters: { kappaU16, minStake },
    neurons: STAKES.map((stake, uid) => ({ stake, permit: permits[uid] })),
  };
  return {
    due: { index: 7, block: 140, neurons },
    mechanisms: [{ id: 0, emissionWeight: 1, epoch }],
  } as unknown as Pick<EpochInputs, 'due' | 'mechanisms'>;
}

const row = (validatorUid: number, faults: readonly SaidFault[], mechanismId = 0): FaultRow => ({
  validatorUid,
  mechanismId,
  source: 'Salted',
  interval: 6,
  sequence: String(100 + validatorUid),
  faults,
});
const silent = (count: number, miner = 'r0'): SaidFault => [miner, count, 0, ''];
const wrong = (count: number, miner = 'r0'): SaidFault => [miner, 0, count, HASH];

function counts(rows: readonly FaultRow[], type: FaultType = 'Unavailable', inputs = inputsWith()): object {
  const measured = measureFaults(inputs, 'hash', { rows, types: [type] });
  return Object.fromEntries(measured.map(({ registrationId, epoch }) => [registrationId, epoch.count]));
}

test.for<[string, readonly FaultRow[], object]>([
  ['nobody says anything', [], {}],
  ['the largest says ten, the others nothing: it has less than half', [row(2, [silent(10)])], {}],
  ['two say so: what both agree on', [row(2, [silent(10)]), row(4, [silent(7)])], { r0: 7 }],
  ['the least of three does not matter', [row(2, [silent(9)]), row(3, [silent(8)]), row(4, [silent(1)])], { r0: 8 }],
  ['without a permit there is no word', [row(5, [silent(9)])], {}],
  ['each miner for itself', [row(2, [silent(9)]), row(3, [silent(8), silent(3, 'r1')])], { r0: 8 }],
  [
    'mechanisms of one validator together',
    [row(2, [silent(4)]), row(2, [silent(5)], 1), row(3, [silent(6)])],
    { r0: 6 },
  ],
  ['of a registration that is gone', [row(2, [silent(9, 'gone')]), row(3, [silent(9, 'gone')])], {}],
  ['of audits this type knows nothing', [row(2, [wrong(9)]), row(3, [wrong(9)])], {}],
])('unanswered: %s', ([, rows, expected]) => {
  expect(counts(rows)).toEqual(expected);
});

test('failed audits are counted apart, with what shows them', () => {
  const rows = [row(2, [wrong(3)]), row(3, [wrong(2)])];
  expect(counts(rows, 'FailedAudits')).toEqual({ r0: 2 });
  const [measured] = measureFaults(inputsWith(), 'hash', { rows, types: ['FailedAudits'] });
  expect(measured).toMatchObject({
    type: 'FailedAudits',
    hotkey: 'hotkey-0',
    epoch: {
      index: 7,
      block: 140,
      inputsSha256: 'hash',
      stake: 100n,
      kappaU16: 32_767,
      said: [
        {
          validatorUid: 2,
          registrationId: 'r2',
          stake: 45n,
          count: 3,
          rows: [{ auditsSha256: HASH, sequence: '102' }],
        },
        { validatorUid: 3, registrationId: 'r3', stake: 35n, count: 2 },
      ],
    },
  });
});

test('where kappa is above half it takes more than kappa', () => {
  const rows = [row(2, [silent(5)]), row(4, [silent(5)])];
  expect(counts(rows, 'Unavailable', inputsWith({ kappaU16: 42_000 }))).toEqual({ r0: 5 });
  expect(counts(rows, 'Unavailable', inputsWith({ kappaU16: 43_000 }))).toEqual({});
});

test('stake below the threshold is no stake, on neither side', () => {
  const rows = [row(2, [silent(5)]), row(4, [silent(9)])];
  expect(counts(rows, 'Unavailable', inputsWith({ minStake: 30n }))).toEqual({ r0: 5 });
  expect(counts([row(4, [silent(9)])], 'Unavailable', inputsWith({ minStake: 30n }))).toEqual({});
});

test('what the accused says of itself counts as everybody’s, and its stake stands among all of it', () => {
  expect(counts([row(3, [silent(5, 'r2')]), row(4, [silent(5, 'r2')])])).toEqual({ r2: 5 });
  expect(counts([row(4, [silent(5, 'r3')])])).toEqual({});
});
