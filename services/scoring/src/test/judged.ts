import type { StoredCommit } from '#domain/commit.ts';
import type { Beacon, ScoringPolicy } from '#domain/policy.ts';
import type { Registration, Sender, Subnet } from '#domain/sender.ts';

/** A validator, its subnet and its commit, as decisions on weights see them. */

export const HASH = 'ab'.repeat(32);
export const BEACON: Beacon = {
  chainHash: 'cd'.repeat(32),
  publicKey: 'ef'.repeat(96),
  genesisTimeS: 1_700_000_000,
  periodS: 3,
};
/** Round 1000 came out a moment ago. */
export const NOW_MS = (1_700_000_000 + 999 * 3) * 1000;

export const POLICY: ScoringPolicy = {
  version: 1,
  sha256: '',
  tempo: 20,
  yumaVersion: 3,
  kappaU16: 32_767,
  bondsPenaltyU16: 65_535,
  bondsMovingAveragePpm: 900_000,
  activityCutoffBlocks: 5000,
  maxValidators: 64,
  commitReveal: { type: 'Salted', revealPeriodEpochs: 2 },
  weightsRateLimitBlocks: 30,
  missedReveal: 'Keep',
  weightsVersionKey: 5n,
  minAllowedWeights: 2,
  maxWeightLimitU16: 40_000,
  stakeThreshold: 1000n,
  liquidAlpha: null,
  mechanisms: [{ id: 0, emissionWeight: 1 }],
};
export const SUBNET: Subnet = { netuid: 1, startBlock: 1, policy: POLICY, interval: 5 };

/** The subnet under other rules. */
export function subnetWith(change: Partial<ScoringPolicy>, interval = 5): Subnet {
  return { ...SUBNET, interval, policy: { ...POLICY, ...change } };
}

export const REGISTRATION: Registration = {
  netuid: 1,
  uid: 3,
  registrationId: 'r3',
  hotkey: 'hot3',
  coldkey: 'cold3',
  registeredAt: 2,
  stake: 5000n,
  ended: false,
};
export const SENDER: Sender = { hotkey: 'hot3', registrationId: 'r3', sequence: 9n, expiresAtBlock: 120 };
export const STORED: StoredCommit = {
  netuid: 1,
  mechanismId: 0,
  interval: 5,
  kind: 'Salted',
  hash: HASH,
  registrationId: 'r3',
  block: 99,
  revealInterval: 7,
  revealed: false,
  opensAt: undefined,
  failure: undefined,
};
export const KNOWN_UIDS: ReadonlySet<number> = new Set([0, 1, 2, 3, 4]);
/** Three miners, within all rules of the policy. */
export const ROW = {
  uids: [0, 1, 4],
  values: [10, 10, 5],
  versionKey: 5n,
  report: { miners: [], replayDay: '' },
};
