import { canonicalText } from '#domain/book/canonical-json.ts';
import type { HashedEntry } from '#domain/book/journal.ts';

/** The text that an entry's hash covers, after the previous hash: made by the rule for all canonical JSON, and not as the ledger writes it. */
export function hashedText({ block, kind, payloadText, postings }: HashedEntry): string {
  const legs = postings.map(({ account, asset, delta, balanceAfter }) =>
    canonicalText({ account, asset, delta: String(delta), balanceAfter: String(balanceAfter) }),
  );
  return `{"block":${block},"kind":${canonicalText(kind)},"payload":${payloadText},"postings":[${legs.join(',')}]}`;
}
