import { createHash } from 'node:crypto';
import { invalidField } from '@subnetes/proto/rpc-error';

/** Where a page ended, as whoever reads the next one gives it back. */
const TOKEN_PATTERN = /^[A-Za-z0-9_-]{1,700}$/;
const QUERY_HASH_BYTES = 8;

/**
 * An opaque token for the place where a page ended. It is bound to the query, so that a place in one list is not taken for
 * one in another.
 */
export function pageToken(query: readonly (string | number | boolean)[], place: string): string {
  return Buffer.concat([hashOf(query), Buffer.from(place, 'utf8')]).toString('base64url');
}

/** The place in a token; undefined for the empty one, which starts. Throws INVALID_ARGUMENT for any that no reply gave. */
export function placeOfToken(query: readonly (string | number | boolean)[], token: string): string | undefined {
  if (token === '') return undefined;
  const bytes = Buffer.from(TOKEN_PATTERN.test(token) ? token : '', 'base64url');
  if (bytes.length <= QUERY_HASH_BYTES || !bytes.subarray(0, QUERY_HASH_BYTES).equals(hashOf(query))) {
    throw invalidField('page.token', 'is not one that a reply to this query gave');
  }
  return bytes.subarray(QUERY_HASH_BYTES).toString('utf8');
}

function hashOf(query: readonly (string | number | boolean)[]): Buffer {
  return createHash('sha256').update(JSON.stringify(query)).digest().subarray(0, QUERY_HASH_BYTES);
}
