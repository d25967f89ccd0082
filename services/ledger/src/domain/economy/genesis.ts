import type { Halving } from '@subnetes/consensus/issuance';

/** What the network starts from, read at block 0 and never again. Money in rao. */
export interface Genesis {
  /** Hex hash of the genesis file's canonical JSON. */
  readonly networkId: string;
  readonly symbol: string;
  readonly decimals: number;
  readonly cap: bigint;
  readonly blockTimeMs: number;
  readonly blockReward: bigint;
  readonly halving: Halving;
  /** How blocks are split between subnets; Equal is the one of this version. */
  readonly emissionPolicy: { readonly name: 'Equal'; readonly version: number };
  readonly accounts: readonly { readonly account: string; readonly amount: bigint }[];
}
