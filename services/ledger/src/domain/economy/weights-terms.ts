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
