import { unlocker } from '@subnetes/timelock/time-lock';
import type { EnvelopeKind, OpenedLock } from '#application/ports.ts';
import { type EnvelopeContext, lockedBytesOf, type Opened, openEnvelope, readTimelocked } from './read-weights.ts';

/** Arithmetic on curves that takes milliseconds: a signature of an envelope, or a lock that a round opens. */
export type CryptoJob =
  | {
      readonly work: 'envelope';
      readonly kind: EnvelopeKind;
      readonly envelope: Uint8Array;
      readonly context: EnvelopeContext;
    }
  | { readonly work: 'lock'; readonly envelope: Uint8Array; readonly signature: Uint8Array };

export type CryptoResult = { readonly opened: Opened } | { readonly lock: OpenedLock };

/** Does one job. Pure: every thread comes to the same result. */
export function doCryptoJob(job: CryptoJob): CryptoResult {
  if (job.work === 'envelope') return { opened: openEnvelope(job.kind, job.envelope, job.context) };
  return { lock: openLock(job.envelope, job.signature) };
}

function openLock(envelope: Uint8Array, signature: Uint8Array): OpenedLock {
  const plaintext = unlocker(signature)(lockedBytesOf(envelope));
  if (plaintext === undefined) return { kind: 'failed', code: 'TIMELOCK_DECRYPT_FAILED' };
  const read = readTimelocked(plaintext);
  return read === undefined ? { kind: 'failed', code: 'TIMELOCK_PAYLOAD_MALFORMED' } : { kind: 'opened', ...read };
}
