import { canonicalJson, jsonOf } from '../book/canonical-json.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import { pinScheme } from '../keys/scheme.ts';
import { swapCost } from '../keys/swap-hotkey.ts';
import type { Ledger } from '../economy/ledger.ts';
import { type Cause, type Mandate, mandateKey, type MandateUse, type Operation, useOf } from '../economy/mandate.ts';
import { checkMandate, spendMandate } from '../economy/spend-mandate.ts';
import { performOrder, type WalletOrder } from '../economy/wallet-order.ts';

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
  const allowed = checkNeed(ledger, mandated);
  if (!allowed.ok) return allowed;
  const key = mandatedKey(mandated);
  const contentSha256 = ledger.hashes.text(canonicalJson(jsonOf(order)));
  const earlier = ledger.claims.find(key);
  if (earlier !== undefined) {
    if (earlier.contentSha256 !== contentSha256) {
      return refuse('EXISTS_WITH_DIFFERENT_CONTENT', `order ${id} of this mandate exists with different content`);
    }
    const used = ledger.mandates.get(mandateKey(mandate.payer, mandate.sha256))?.used ?? 0n;
    return accept({ sequence: earlier.sequence, repeated: true, mandate: useOf(mandate, used) });
  }
  const { operation, amount } = allowed.value;
  const spent = spendMandate(ledger, mandate, { operation, netuid: undefined, cause, amount });
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

const MANDATABLE = [
  'Transfer',
  'AddStake',
  'RemoveStake',
  'MoveStake',
  'SetTake',
  'SetChildren',
  'SetChildTake',
  'SwapHotkey',
  'RequestRegistration',
  'ApproveRegistration',
  'DenyRegistration',
  'RevokeInvitation',
] as const satisfies readonly WalletOrder['type'][];

type Mandatable = Extract<WalletOrder, { readonly type: (typeof MANDATABLE)[number] }>;

/** What is about the coldkey itself, or about mandates, is its own word alone; a registration has a call of its own. */
function canBeMandated(order: WalletOrder): order is Mandatable {
  return MANDATABLE.some((type) => type === order.type);
}

/** What an order needs of a mandate. */
interface Need {
  readonly operation: Operation;
  /** Subnets that it touches; none: it is about none. */
  readonly netuids: readonly number[] | 'Every';
  /** Rao that it moves. */
  readonly amount: bigint;
}

function needOf(ledger: Ledger, { payer, transferTo }: Mandate, order: WalletOrder): Decision<Need> {
  if (!canBeMandated(order)) {
    return refuse('MANDATE_NOT_GRANTED', `${order.type} needs the coldkey's own signature`);
  }
  switch (order.type) {
    case 'Transfer':
      return transferTo?.includes(order.to) === true
        ? accept({ operation: 'Transfer', netuids: [], amount: order.amount })
        : refuse('MANDATE_NOT_GRANTED', `the mandate names no transfers to ${order.to}`);
    case 'AddStake': {
      const isOwn = ledger.hotkeys.get(order.hotkey) === payer;
      return accept({ operation: isOwn ? 'Stake' : 'Delegate', netuids: [order.netuid], amount: order.amount });
    }
    case 'RemoveStake':
    case 'MoveStake': {
      if (order.amount === undefined) return refuse('INVALID_ARGUMENT', 'by mandate the amount has to be named');
      const netuids = order.type === 'MoveStake' ? [order.netuid, order.toNetuid] : [order.netuid];
      return accept({ operation: order.type, netuids, amount: order.amount });
    }
    case 'SetTake':
      return accept({ operation: 'SetTake', netuids: 'Every', amount: 0n });
    case 'SetChildren':
      return accept({ operation: 'SetChildren', netuids: [order.netuid], amount: 0n });
    case 'SetChildTake':
      return accept({ operation: 'SetTake', netuids: [order.netuid], amount: 0n });
    case 'SwapHotkey': {
      const netuids = order.netuid === undefined ? 'Every' : [order.netuid];
      return accept({ operation: 'SwapHotkey', netuids, amount: swapCost(order) });
    }
    case 'RequestRegistration':
      return accept({ operation: 'Register', netuids: [order.netuid], amount: 0n });
    case 'ApproveRegistration':
    case 'DenyRegistration':
    case 'RevokeInvitation':
      return accept({ operation: 'SetPolicy', netuids: [order.netuid], amount: 0n });
  }
}
