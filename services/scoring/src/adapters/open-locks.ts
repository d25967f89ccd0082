import type { OpenLocks } from '#application/ports.ts';
import type { CryptoPool } from './crypto-pool.ts';

/** Opens time-locked commits with their round's signature, each as a job of the pool. */
export function openLocksWith(pool: CryptoPool): OpenLocks {
  return (envelopes, signature) =>
    Promise.all(
      envelopes.map(async (envelope) => {
        const result = await pool.run({ work: 'lock', envelope, signature });
        if (!('lock' in result)) throw new Error('a lock was answered as an envelope');
        return result.lock;
      }),
    );
}
