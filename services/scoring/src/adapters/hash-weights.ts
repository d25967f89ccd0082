import { commitHash } from '@subnetes/keys/commit-hash';
import { publicKeyOf } from '@subnetes/keys/ss58';
import type { WeightsReveal } from '#domain/reveal.ts';
import { toHex } from './messages.ts';

/** What a commit's hash is made of, beside the hotkey. */
export type HashedWeights = Pick<WeightsReveal, 'netuid' | 'mechanismId' | 'uids' | 'values' | 'salt' | 'versionKey'>;

/** The chain's hash of what is revealed, hex. Ranges were checked before; the hotkey verified a signature, so it is an address. */
export function hashWeights(hotkey: string, weights: HashedWeights): string {
  const publicKey = publicKeyOf(hotkey);
  if (publicKey === undefined) throw new TypeError(`not an SS58 address: ${hotkey}`);
  const { netuid, mechanismId, uids, values, salt, versionKey } = weights;
  return toHex(commitHash({ hotkey: publicKey, netuid, mechanismId, uids, values, salt, versionKey }));
}
