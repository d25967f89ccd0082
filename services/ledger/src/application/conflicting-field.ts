import type { Json } from '#domain/book/canonical-json.ts';
import type { Refusal } from '#domain/book/refusal.ts';
import { orderDifference } from '#domain/economy/order-difference.ts';
import type { JournalStore } from './ports.ts';

/** What a refusal needs to be told in which field an order differs from the one that took its id. */
export type ClaimedEntries = Pick<JournalStore, 'findClaims' | 'readEntries' | 'readArchive'>;

/**
 * Names the field in which an order differs from the earlier one under its key, from the entry that the earlier one wrote.
 * Only refusals pay for the look: claims keep hashes.
 */
export async function withConflictingField(
  entries: ClaimedEntries,
  refusal: Refusal,
  order: { readonly key: string; readonly asked: Readonly<Record<string, Json>> },
): Promise<Refusal> {
  if (refusal.code !== 'EXISTS_WITH_DIFFERENT_CONTENT') return refusal;
  const claim = (await entries.findClaims([order.key])).get(order.key);
  if (claim === undefined) return refusal;
  // Of an archived one it is known that it exists, and not what it was.
  if (claim.sequence <= (await entries.readArchive()).sequence) return refusal;
  const [earlier] = await entries.readEntries({ afterSequence: claim.sequence - 1, limit: 1 });
  // The journal's own text: amounts are decimal strings in it.
  const stored = earlier === undefined ? {} : (JSON.parse(earlier.payloadText) as Readonly<Record<string, Json>>);
  const difference = orderDifference(stored, order.asked);
  if (difference === undefined) return refusal;
  return {
    ok: false,
    ...difference,
    message: `${order.key} exists since entry ${claim.sequence} with different ${difference.field}`,
  };
}
