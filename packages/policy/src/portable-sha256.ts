import { sha256 } from '@noble/hashes/sha2.js';

/** SHA-256 wherever JavaScript runs, for callers that are as pure as this package. */
export const portableSha256 = (bytes: Uint8Array): Uint8Array => sha256(bytes);
