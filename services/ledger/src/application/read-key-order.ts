import type { WalletOrder as WireOrder } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { accept, type Decision, refuse } from '#domain/book/refusal.ts';
import { CHILDREN_MAX } from '#domain/children/links.ts';
import type { KeyOrder } from '#domain/keys/key-order.ts';
import { isWallet, readBinding, type SignedContext } from './read-signed.ts';

const CASES = [
  'setChildren',
  'setChildTake',
  'swapHotkey',
  'announceColdkeySwap',
  'swapColdkey',
  'disputeColdkeySwap',
  'requestRegistration',
  'approveRegistration',
  'denyRegistration',
  'revokeInvitation',
] as const;

/** Orders about keys, as they come. */
export type WireKeyOrder = Extract<WireOrder['order'], { readonly case: (typeof CASES)[number] }>;

export function isWireKeyOrder(order: WireOrder['order']): order is WireKeyOrder {
  return CASES.some((each) => each === order.case);
}

const ADMISSIONS = {
  requestRegistration: 'RequestRegistration',
  approveRegistration: 'ApproveRegistration',
  denyRegistration: 'DenyRegistration',
} as const;

/** An order about keys as the domain has it; `signer` is who gives it. */
export function keyOrderOfWire(order: WireKeyOrder, signer: string, context: SignedContext): Decision<KeyOrder> {
  switch (order.case) {
    case 'setChildren': {
      const { netuid, hotkey, children } = order.value;
      if (children.length > CHILDREN_MAX) {
        return refuse('INVALID_ARGUMENT', `a hotkey has ${CHILDREN_MAX} children at most, not ${children.length}`);
      }
      const stranger = children.find((child) => !isWallet(child.hotkey));
      if (stranger !== undefined) return noAddress(`child ${stranger.hotkey}`);
      const named = children.map((child) => ({ hotkey: child.hotkey, proportion: child.proportion }));
      return accept({ type: 'SetChildren', netuid, hotkey, children: named });
    }
    case 'setChildTake': {
      const { netuid, hotkey, takeU16 } = order.value;
      return accept({ type: 'SetChildTake', netuid, hotkey, u16: takeU16 });
    }
    case 'swapHotkey': {
      const { hotkey, binding, netuid } = order.value;
      const bound = readBinding(binding, context);
      if (!bound.ok) return bound;
      if (bound.value.coldkey !== signer) {
        return refuse('WRONG_SIGNER', `the new hotkey is bound to ${bound.value.coldkey}, the order is ${signer}'s`);
      }
      return accept({ type: 'SwapHotkey', hotkey, newHotkey: bound.value.hotkey, netuid });
    }
    case 'announceColdkeySwap': {
      const newColdkeySha256 = hashOf(order.value.newColdkeySha256);
      return newColdkeySha256 === undefined
        ? refuse('INVALID_ARGUMENT', 'new_coldkey_sha256 must be 32 bytes')
        : accept({ type: 'AnnounceColdkeySwap', newColdkeySha256 });
    }
    case 'swapColdkey': {
      const { newColdkey } = order.value;
      if (newColdkey === signer) return refuse('INVALID_ARGUMENT', 'the new coldkey is the old one');
      return isWallet(newColdkey) ? accept({ type: 'SwapColdkey', newColdkey }) : noAddress('new_coldkey');
    }
    case 'disputeColdkeySwap':
      return accept({ type: 'DisputeColdkeySwap' });
    case 'revokeInvitation': {
      const invitationSha256 = hashOf(order.value.invitationSha256);
      return invitationSha256 === undefined
        ? refuse('INVALID_ARGUMENT', 'invitation_sha256 must be 32 bytes')
        : accept({ type: 'RevokeInvitation', netuid: order.value.netuid, invitationSha256 });
    }
    case 'requestRegistration':
    case 'approveRegistration':
    case 'denyRegistration': {
      const { netuid, hotkey } = order.value;
      return isWallet(hotkey) ? accept({ type: ADMISSIONS[order.case], netuid, hotkey }) : noAddress('hotkey');
    }
  }
}

function hashOf(bytes: Uint8Array): string | undefined {
  return bytes.length === 32 ? Buffer.from(bytes).toString('hex') : undefined;
}

function noAddress(field: string): Decision<never> {
  return refuse('INVALID_ARGUMENT', `${field} must be an SS58 address with prefix 42`);
}
