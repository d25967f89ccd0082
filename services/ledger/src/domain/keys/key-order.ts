import { accept, type Decision } from '../book/refusal.ts';
import { type ChildrenOrder, type ChildTakeOrder, setChildren, setChildTake } from '../children/set-children.ts';
import type { Ledger } from '../economy/ledger.ts';
import { type AdmissionOrder, orderAdmission } from '../mandates/admission.ts';
import { type ColdkeyOrder, isColdkeyOrder, orderColdkey } from './swap-coldkey.ts';
import { type HotkeySwapOrder, swapHotkey } from './swap-hotkey.ts';

/** What a coldkey asks about keys: its own, its hotkeys' and who may register one in its subnet. */
export type KeyOrder =
  | AdmissionOrder
  | ColdkeyOrder
  | ({ readonly type: 'SetChildren' } & ChildrenOrder)
  | ({ readonly type: 'SetChildTake' } & ChildTakeOrder)
  | ({ readonly type: 'SwapHotkey' } & HotkeySwapOrder);

const TYPES: ReadonlySet<string> = new Set([
  'RequestRegistration',
  'ApproveRegistration',
  'DenyRegistration',
  'RevokeInvitation',
  'SetChildren',
  'SetChildTake',
  'SwapHotkey',
] satisfies readonly KeyOrder['type'][]);

export function isKeyOrder(order: { readonly type: string }): order is KeyOrder {
  return TYPES.has(order.type) || isColdkeyOrder(order);
}

/** Answers what the journal tells of it. */
export function carryOutKeyOrder(ledger: Ledger, signer: string, order: KeyOrder): Decision<object> {
  switch (order.type) {
    case 'SetChildren': {
      const { type: _type, ...told } = order;
      const set = setChildren(ledger, signer, order);
      return set.ok ? accept({ ...told, ...set.value }) : set;
    }
    case 'SetChildTake': {
      const set = setChildTake(ledger, signer, order);
      return set.ok ? accept({ netuid: order.netuid, hotkey: order.hotkey, takeU16: order.u16 }) : set;
    }
    case 'SwapHotkey': {
      const { hotkey, newHotkey } = order;
      const swapped = swapHotkey(ledger, signer, order);
      return swapped.ok ? accept({ hotkey, newHotkey, ...swapped.value }) : swapped;
    }
    case 'AnnounceColdkeySwap':
    case 'SwapColdkey':
    case 'DisputeColdkeySwap':
      return orderColdkey(ledger, signer, order);
    case 'RequestRegistration':
    case 'ApproveRegistration':
    case 'DenyRegistration':
    case 'RevokeInvitation':
      return orderAdmission(ledger, signer, order);
  }
}
