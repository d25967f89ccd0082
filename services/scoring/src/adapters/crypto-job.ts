import { unlocker } from '@subnetes/timelock/time-lock';
import type { OpenedLock } from '#application/ports.ts';
import { type EnvelopeItem, lockedBytesOf, type Opened, openEnvelopes, readTimelocked } from './read-weights.ts';

/** Arithmetic on curves that takes milliseconds: a signature of an envelope, or a lock that a round opens. */
export type CryptoJob =
  | ({ readonly work: 'envelope' } & EnvelopeItem)
  | { readonly work: 'lock'; readonly envelope: Uint8Array; readonly signature: Uint8Array };

export type CryptoResult = { readonly opened: Opened } | { readonly lock: OpenedLock };

/** Does jobs, each as if it were alone; signatures are verified together. Every thread comes to the same results. */
export function doCryptoJobs(jobs: readonly CryptoJob[]): readonly CryptoResult[] {
  const envelopes = openEnvelopes(jobs.filter((job) => job.work === 'envelope')).values();
  return jobs.map((job) => {
    if (job.work === 'lock') return { lock: openLock(job.envelope, job.signature) };
    const { value: opened } = envelopes.next();
    if (opened === undefined) throw new Error('an envelope was left unopened');
    return { opened };
  });
}

function openLock(envelope: Uint8Array, signature: Uint8Array): OpenedLock {
  const plaintext = unlocker(signature)(lockedBytesOf(envelope));
  if (plaintext === undefined) return { kind: 'failed', code: 'TIMELOCK_DECRYPT_FAILED' };
  const read = readTimelocked(plaintext);
  return read === undefined ? { kind: 'failed', code: 'TIMELOCK_PAYLOAD_MALFORMED' } : { kind: 'opened', ...read };
}
