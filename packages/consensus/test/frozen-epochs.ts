import { blake2b } from '@noble/hashes/blake2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { payPots, splitEmission } from '../src/emission.ts';
import { canonicalJson, toStored } from '../src/epoch-json.ts';
import { runEpoch } from '../src/epoch.ts';
import frozen from './frozen-epochs.json' with { type: 'json' };
import { seededEpoch } from './seeded-epoch.ts';

/**
 * What the epochs of seeds 1, 2, … gave when the vectors first passed whole. Stored epochs are replayed, so a digest changes
 * with a new formula only, never with a clean-up.
 */
export const FROZEN_DIGESTS: readonly string[] = frozen;

const POT = 1_000_000_007n;

/** Digest of everything that the epoch of a seed gives, money included: eight bytes of BLAKE2b over canonical JSON. */
export function epochDigest(seed: number): string {
  const output = runEpoch(seededEpoch(seed));
  const paid = payPots(output, { miners: POT, validators: POT + 1n });
  const split = splitEmission(output, POT);
  return bytesToHex(blake2b(utf8ToBytes(canonicalJson(toStored({ output, paid, split }))), { dkLen: 8 }));
}
