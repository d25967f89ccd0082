import { canonicalJson, toStored } from '@subnetes/consensus/epoch-json';
import { scoreEpoch } from '#domain/score-epoch.ts';
import { inputsFromStored, type StoredEpochInputs } from '#domain/stored-inputs.ts';
import type { Sha256, Store } from './ports.ts';

export interface ReplayResult {
  readonly index: number;
  readonly storedOutputsSha256: string;
  readonly recomputedOutputsSha256: string;
  /** Inputs hash to what is stored and lead to the very outputs that are stored. */
  readonly equal: boolean;
}

export type ReplayEpoch = (netuid: number, index: number | undefined) => Promise<ReplayResult | undefined>;

/** Recomputes an epoch from its stored inputs; undefined when there is no such epoch. */
export function makeReplayEpoch({ store, sha256 }: { readonly store: Store; readonly sha256: Sha256 }): ReplayEpoch {
  return async (netuid, index) => {
    const epoch = await store.epoch(netuid, index);
    if (epoch === undefined) return undefined;
    const inputsSha256 = sha256(epoch.inputsJson);
    const inputs = inputsFromStored(JSON.parse(epoch.inputsJson) as StoredEpochInputs);
    const recomputed = sha256(canonicalJson(toStored(scoreEpoch(inputs, inputsSha256))));
    const stored = sha256(epoch.outputsJson);
    return {
      index: epoch.index,
      storedOutputsSha256: epoch.outputsSha256,
      recomputedOutputsSha256: recomputed,
      equal: inputsSha256 === epoch.inputsSha256 && stored === epoch.outputsSha256 && recomputed === stored,
    };
  };
}
