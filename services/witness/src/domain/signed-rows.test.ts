import { expect, test } from 'vitest';
import type { RowOrigin } from './claimed-row.ts';
import type { Seal } from './seal.ts';
import { differsFromSigned, type RowFacts, type VerifiedRow, withoutOrigin } from './signed-rows.ts';

/** A row of interval 4, set in the open at block 75; it rates uids 0 and 1, or weighs markets 0 and 1. */
const ORIGIN: RowOrigin = { validatorUid: 2, mechanismId: 0, source: 'Open', interval: 4, sequence: '8' };
const WEIGHTS = [
  [0, 5],
  [1, 9],
] as const;

const neuron = (uid: number, registeredAtBlock = 2): Seal['neurons'][number] => ({
  uid,
  hotkey: `h${uid}`,
  coldkey: `c${uid}`,
  registeredAtBlock,
  registrationId: `r${uid}`,
  stake: '1',
});

const seal = (change: Partial<Seal> = {}): Seal => ({
  sequence: 500,
  netuid: 1,
  index: 5,
  block: 101,
  startBlock: 1,
  owner: '0',
  miner: '0',
  validator: '0',
  previousInputsSha256: '',
  policyVersion: 1,
  policySha256: '',
  neurons: [neuron(0), neuron(1), neuron(2)],
  policy: {
    hyperparameters: {
      tempo: 20,
      yumaVersion: 3,
      kappaU16: 32_767,
      bondsMovingAveragePpm: 900_000,
      bondsPenaltyU16: 65_535,
      maxValidators: 4,
      activityCutoffBlocks: 5000,
      liquidAlphaEnabled: false,
      alphaLowU16: 1,
      alphaHighU16: 2,
      alphaSigmoidSteepness: 3,
      stakeThresholdRao: '0',
      commitReveal: 'Off',
      revealPeriodEpochs: 1,
      missedReveal: 'Zero',
      weightsVersionKey: '3',
    },
    mechanisms: [{ id: 0, emissionWeight: 1 }],
  },
  ...change,
});

/** It counted in the epoch before as it does now, unless told otherwise. */
const facts = (change: Partial<RowFacts> = {}): RowFacts & { readonly origin: RowOrigin } => ({
  seal: seal(),
  neuron: neuron(2),
  mechanismId: 0,
  claimed: { lastUpdate: 75, weights: WEIGHTS },
  paid: { origin: ORIGIN, row: { lastUpdate: 75, weights: WEIGHTS } },
  origin: ORIGIN,
  ...(change as object),
});

const verified = (change: Partial<VerifiedRow> = {}): VerifiedRow => ({
  signed: { weights: WEIGHTS, versionKey: 3n, sequence: 8n },
  interval: { fromBlock: 61, toBlock: 81, revealEpochs: 0, beacon: undefined },
  hasMissedCommit: false,
  ...change,
});

const EMPTY = { lastUpdate: 75, weights: [] };
const AT_ROOT = { neurons: [neuron(2)], subnets: [] };
/** Set in the interval that ends here. */
const FRESH = { ...ORIGIN, interval: 5, sequence: '9' };
const fresh = (change: Partial<RowFacts> = {}): RowFacts & { readonly origin: RowOrigin } =>
  facts({ origin: FRESH, claimed: { lastUpdate: 90, weights: WEIGHTS }, ...change });
const freshly = (change: Partial<VerifiedRow> = {}): VerifiedRow =>
  verified({
    signed: { weights: WEIGHTS, versionKey: 3n, sequence: 9n },
    interval: { fromBlock: 81, toBlock: 101, revealEpochs: 0, beacon: undefined },
    ...change,
  });

test.for<readonly [string, RowFacts & { readonly origin: RowOrigin }, VerifiedRow]>([
  ['counts again', facts(), verified()],
  ['counts for the first time', fresh({ paid: undefined }), freshly()],
  ['takes the place of an older one', fresh(), freshly()],
  ['rates who left since', facts({ seal: seal({ neurons: [neuron(0), neuron(1, 80), neuron(2)] }), claimed: { lastUpdate: 75, weights: [[0, 5]] } }), verified()], // prettier-ignore
  ['was emptied for a missed commit', facts({ claimed: EMPTY }), verified({ hasMissedCommit: true })],
  ['was emptied before', facts({ claimed: EMPTY, paid: { origin: ORIGIN, row: EMPTY } }), verified()],
  [
    'is of a mechanism that comes back',
    facts({ claimed: EMPTY, paid: { origin: ORIGIN, row: undefined } }),
    verified(),
  ],
  ['weighs a market that starts now', facts({ seal: seal({ ...AT_ROOT, subnets: [{ netuid: 1, startBlock: 99 }] }), claimed: { lastUpdate: 75, weights: [[3, 9]] }, paid: { origin: ORIGIN, row: EMPTY } }), verified()], // prettier-ignore
  ['was counted by a release that named none', facts({ paid: { origin: undefined, row: { lastUpdate: 75, weights: WEIGHTS } } }), verified()], // prettier-ignore
])('a signed row is right that %s', ([, row, known]) => {
  expect(differsFromSigned(row, known)).toBeUndefined();
});

test.for<readonly [string, string, RowFacts & { readonly origin: RowOrigin }, VerifiedRow]>([
  [
    'another envelope',
    'WEIGHTS_UNSIGNED',
    facts(),
    verified({ signed: { weights: WEIGHTS, versionKey: 3n, sequence: 7n } }),
  ],
  [
    'another block than before',
    'WEIGHTS_OUTDATED',
    facts({ claimed: { lastUpdate: 76, weights: WEIGHTS } }),
    verified(),
  ],
  ['an interval that is over', 'WEIGHTS_OUTDATED', facts({ paid: undefined }), verified()],
  ['a sequence that was used', 'WEIGHTS_OUTDATED', fresh({ paid: { origin: { ...ORIGIN, sequence: '9' }, row: undefined } }), freshly()], // prettier-ignore
  [
    'a block before its interval',
    'WEIGHTS_IMPOSSIBLE',
    fresh({ claimed: { lastUpdate: 80, weights: WEIGHTS } }),
    freshly(),
  ],
  [
    'a block after its interval',
    'WEIGHTS_IMPOSSIBLE',
    fresh({ claimed: { lastUpdate: 102, weights: WEIGHTS } }),
    freshly(),
  ],
  ['a version that is not taken', 'WEIGHTS_IMPOSSIBLE', fresh(), freshly({ signed: { weights: WEIGHTS, versionKey: 2n, sequence: 9n } })], // prettier-ignore
  ['other weights', 'WEIGHTS_DIFFER', facts({ claimed: { lastUpdate: 75, weights: [[0, 5], [1, 8]] } }), verified()], // prettier-ignore
  ['no weights, without a missed commit', 'WEIGHTS_DIFFER', facts({ claimed: EMPTY }), verified()],
  ['weights again, once emptied', 'WEIGHTS_DIFFER', facts({ paid: { origin: ORIGIN, row: EMPTY } }), verified()],
])('a row of %s is refused: %s', ([, reason, row, known]) => {
  expect(differsFromSigned(row, known)?.reason).toBe(reason);
});

test('who has no row has neither weights nor an update, and had none before', () => {
  const none = { ...facts(), origin: undefined, claimed: { lastUpdate: 2, weights: [] }, paid: undefined };
  expect(withoutOrigin(none)).toBeUndefined();
  expect(withoutOrigin({ ...none, claimed: EMPTY })?.reason).toBe('WEIGHTS_UNSIGNED');
  expect(withoutOrigin({ ...none, paid: { origin: ORIGIN, row: EMPTY } })?.reason).toBe('WEIGHTS_OUTDATED');
});
