import { openAgeFile, readAgeFile, writeAgeFile } from './age-file.ts';
import type { Beacon } from './beacon.ts';
import { unwrapperOf, wrapKey } from './identity-encryption.ts';

/** What can be read off a locked file by anybody. */
export interface LockedFor {
  readonly chainHash: string;
  readonly round: number;
}

/** A locked file is this much longer than what is in it, at most: header, nonce, tags of up to 128 KiB. */
export const LOCK_OVERHEAD_BYTES = 512;

/** Locks bytes until a beacon's round is out: a binary age file with tlock's stanza, which drand's own tools open too. */
export function lockUntil(beacon: Beacon, round: number, plaintext: Uint8Array): Uint8Array {
  const { chainHash } = beacon;
  return writeAgeFile({ chainHash, round }, plaintext, (fileKey) => wrapKey(beacon, round, fileKey));
}

/** Which round opens a file; undefined when it is none, or is locked for something else. Costs no curve arithmetic. */
export function lockedFor(file: Uint8Array): LockedFor | undefined {
  const read = readAgeFile(file);
  return read === undefined ? undefined : { chainHash: read.chainHash, round: read.round };
}

/** Opens a file with its round's signature; undefined when it is not locked for that round, or was changed. */
export type Unlock = (file: Uint8Array) => Uint8Array | undefined;

/**
 * What a round's signature opens, about 25 ms a file. The same file and signature give the same bytes everywhere, or fail
 * everywhere. Nothing opens with what is no signature.
 */
export function unlocker(signature: Uint8Array): Unlock {
  const unwrap = unwrapperOf(signature);
  return (file) => {
    const read = readAgeFile(file);
    const fileKey = read === undefined ? undefined : unwrap?.(read.wrapped);
    return read === undefined || fileKey === undefined ? undefined : openAgeFile(read, fileKey);
  };
}
