import { canonicalJson, jsonOf } from '../book/canonical-json.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import { pinScheme } from '../keys/scheme.ts';
import type { Ledger } from '../economy/ledger.ts';
import { type Cause, type Mandate, mandateKey, type MandateUse, useOf } from '../economy/mandate.ts';
import { checkMandate, checkStanding, spendMandate } from '../economy/spend-mandate.ts';
import { performOrder, type WalletOrder } from '../economy/wallet-order.ts';
import { type Need, needOf } from './order-need.ts';

/** What a namespace asks for in the name of the coldkey whose mandate it has. */
export interface MandatedOrder {
  /** Makes two orders of the same terms different, and a repeat the same. */
  readonly id: string;
  readonly order: WalletOrder;
  readonly mandate: Mandate;
  readonly cause: Cause;
}

export interface MandatedDone {
  readonly sequence: number;
  readonly repeated: boolean;
  readonly mandate: MandateUse;
}

const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}$/;

export function mandatedKey({ mandate, id }: Pick<MandatedOrder, 'mandate' | 'id'>): string {
  return `mandated:${mandateKey(mandate.payer, mandate.sha256)}:${id}`;
}

/** Carries an order out once, within the mandate; the same one again is answered as it was. */
export function carryOutMandated(ledger: Ledger, mandated: MandatedOrder): Decision<MandatedDone> {
  const { id, order, mandate, cause } = mandated;
  if (!ID_PATTERN.test(id)) {
    return refuse('INVALID_ARGUMENT', 'id must be 1 to 200 characters of letters, digits and . _ : / -');
  }
  if (mandate.owner !== mandate.payer) {
    return refuse(
      'MANDATE_NOT_GRANTED',
      `a sponsor registers and stakes for ${mandate.owner}, and orders nothing else`,
    );
  }
  const standing = checkStanding(ledger, mandate, cause);
  if (!standing.ok) return standing;
  const key = mandatedKey(mandated);
  const contentSha256 = ledger.hashes.text(canonicalJson(jsonOf(order)));
  // Before what it needs is judged: that may be gone because it was carried out.
  const earlier = ledger.claims.find(key);
  if (earlier !== undefined) {
    if (earlier.contentSha256 !== contentSha256) {
      return refuse('EXISTS_WITH_DIFFERENT_CONTENT', `order ${id} of this mandate exists with different content`);
    }
    return accept({ sequence: earlier.sequence, repeated: true, mandate: useOf(mandate, standing.value.used) });
  }
  const allowed = checkNeed(ledger, mandated);
  if (!allowed.ok) return allowed;
  const { operation, amount, token } = allowed.value;
  const spent = spendMandate(ledger, mandate, { operation, netuid: undefined, cause, amount, token });
  if (!spent.ok) return spent;
  const by = { mandateSha256: mandate.sha256, cause, orderId: id };
  const done = performOrder(ledger, { signer: mandate.payer, order, by, keys: [{ key, contentSha256 }] });
  if (!done.ok) return done;
  pinScheme(ledger, mandate.payer, mandate.scheme);
  const { sequence } = ledger.journal.head;
  ledger.claims.take(key, { sequence, contentSha256 });
  return accept({ sequence, repeated: false, mandate: spent.value });
}

/** What the order needs, once the mandate allows it in every subnet that it touches. */
function checkNeed(ledger: Ledger, { order, mandate, cause }: MandatedOrder): Decision<Need> {
  const needed = needOf(ledger, mandate, order);
  if (!needed.ok) return needed;
  const { operation, netuids } = needed.value;
  if (netuids === 'Every' && mandate.netuids.length > 0) {
    return refuse(
      'MANDATE_NOT_GRANTED',
      `the mandate is for netuids ${mandate.netuids.join(', ')}, ${order.type} is for all`,
    );
  }
  const [first, ...others] = netuids === 'Every' ? [] : netuids;
  for (const netuid of [first, ...others]) {
    const checked = checkMandate(ledger, mandate, { operation, netuid, cause });
    if (!checked.ok) return checked;
  }
  return needed;
}
