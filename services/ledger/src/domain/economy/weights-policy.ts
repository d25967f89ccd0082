import type { Hyperparameters, PolicyDraft } from './policy.ts';

/** How validators' weights stay unknown to others until they count. */
export const COMMIT_REVEAL_TYPES = ['Off', 'Salted', 'Timelock'] as const;
export type CommitRevealType = (typeof COMMIT_REVEAL_TYPES)[number];

/** What becomes of a validator's row when it does not open what it committed to. */
export const MISSED_REVEALS = ['Keep', 'Zero'] as const;
export type MissedReveal = (typeof MISSED_REVEALS)[number];

/** A drand beacon whose rounds open time-locked weights; its scheme is bls-unchained-g1-rfc9380. */
export interface Beacon {
  /** Hex, 32 bytes. */
  readonly chainHash: string;
  /** Hex, 96 bytes of G2. */
  readonly publicKey: string;
  /** Unix seconds of round 1. */
  readonly genesisTime: number;
  readonly periodSeconds: number;
}

/** The public beacon of the League of Entropy that timelock encryption is made for. */
export const QUICKNET: Beacon = {
  chainHash: '52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971',
  publicKey:
    '83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a',
  genesisTime: 1_692_803_367,
  periodSeconds: 3,
};

const GENESIS_TIME_MAX = 4_294_967_295;
const PERIOD_SECONDS_MAX = 86_400;

/** The beacon that is meant where the owner names none. */
export function withBeacon(values: Hyperparameters): Hyperparameters {
  if (values.commitReveal !== 'Timelock' || values.timelockBeacon !== undefined) return values;
  return { ...values, timelockBeacon: QUICKNET };
}

/** What is wrong with the rules about weights on the wire; the message begins with the field. */
export function weightsFinding(values: Hyperparameters, draft: PolicyDraft['hyperparameters']): string | undefined {
  if (draft?.commitRevealEnabled === false && draft.commitReveal === undefined) {
    return 'hyperparameters.commitRevealEnabled is no longer read: set commitReveal to Off';
  }
  if (!(COMMIT_REVEAL_TYPES as readonly string[]).includes(values.commitReveal)) {
    return `hyperparameters.commitReveal must be ${COMMIT_REVEAL_TYPES.join(', ')}, not "${values.commitReveal}"`;
  }
  if (!(MISSED_REVEALS as readonly string[]).includes(values.missedReveal)) {
    return `hyperparameters.missedReveal must be ${MISSED_REVEALS.join(' or ')}, not "${values.missedReveal}"`;
  }
  if ((values.commitReveal === 'Timelock') !== (values.timelockBeacon !== undefined)) {
    return 'hyperparameters.timelockBeacon goes with commitReveal Timelock alone';
  }
  return values.timelockBeacon === undefined ? undefined : beaconFinding(values.timelockBeacon);
}

function beaconFinding(beacon: Beacon): string | undefined {
  const at = 'hyperparameters.timelockBeacon';
  if (!/^[0-9a-f]{64}$/.test(beacon.chainHash)) return `${at}.chainHash must be 64 hexadecimal digits`;
  if (!/^[0-9a-f]{192}$/.test(beacon.publicKey)) return `${at}.publicKey must be 192 hexadecimal digits: a point of G2`;
  if (!isWithin(beacon.genesisTime, 1, GENESIS_TIME_MAX)) return `${at}.genesisTime must be 1 to ${GENESIS_TIME_MAX}`;
  if (!isWithin(beacon.periodSeconds, 1, PERIOD_SECONDS_MAX)) {
    return `${at}.periodSeconds must be 1 to ${PERIOD_SECONDS_MAX}`;
  }
  return undefined;
}

/** Epochs that pass between a commit and its reveal; none where weights are set in the open. */
export function revealEpochs(values: Pick<Hyperparameters, 'commitReveal' | 'revealPeriodEpochs'>): number {
  return values.commitReveal === 'Off' ? 0 : values.revealPeriodEpochs;
}

function isWithin(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && value >= low && value <= high;
}
