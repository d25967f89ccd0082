import { fromBinary } from '@bufbuild/protobuf';
import { EnvelopeType, type SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import {
  type RegisterOrder,
  type WalletOrder as WireOrder,
  WalletOrderSchema,
} from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { accept, type Decision, refuse } from '#domain/book/refusal.ts';
import { isCreditable } from '#domain/economy/money-orders.ts';
import { type NeuronView, neuronView } from '#domain/economy/views.ts';
import { carryOut, orderKey, replayed, type WalletOrder } from '#domain/economy/wallet-order.ts';
import { positiveRao } from './positive-rao.ts';
import { isGovernanceCase, readGovernanceOrder } from './read-governance-order.ts';
import { isWallet, readBinding, readInvited, readSigned, type SignedContext } from './read-signed.ts';
import { readPoolOrder } from './read-pool-order.ts';
import { isLifeCase, readLifeOrder } from './read-life-order.ts';
import { isWireKeyOrder, keyOrderOfWire } from './read-key-order.ts';
import { readSlashOrder } from './read-slash-orders.ts';
import type { Sequencer } from './sequencer.ts';
import type { Caller } from './fair-queue.ts';
import type { SignatureLane } from './signature-lane.ts';

export interface OrderResult {
  readonly sequence: number;
  readonly block: number;
  readonly neuron: NeuronView | null;
}

/** Carries out what a coldkey signed: nothing else moves a wallet's money but its mandates and its sessions. */
export function makeSubmitOrder(ports: {
  readonly sequencer: Sequencer;
  readonly networkId: Uint8Array;
  readonly lane: SignatureLane;
}) {
  return async (envelope: SignedEnvelope | undefined, caller: Caller): Promise<Decision<OrderResult>> => {
    const { block, last } = await ports.sequencer.read((ledger) => ({
      block: ledger.block,
      last: ledger.sequences.get(orderKey(envelope?.signer ?? '')) ?? 0,
    }));
    const context = { networkId: ports.networkId, block };
    // Whoever repeats what was carried out needs no look at the signature.
    if (envelope !== undefined && last > 0 && envelope.sequence <= BigInt(last)) return replayed(envelope.signer, last);
    const read = await ports.lane.verify(caller, () => {
      const verified = readSigned(envelope, context, {
        type: EnvelopeType.WALLET_ORDER,
        isDirect: true,
        takesEd25519: true,
      });
      if (!verified.ok) return verified;
      const order = readOrder(verified.value.payload, verified.value.signer, context);
      return order.ok ? accept({ ...verified.value, order: order.value }) : order;
    });
    if (!read.ok) return read;
    const { payload: _payload, order, ...signed } = read.value;
    return ports.sequencer.submit({
      run: (ledger) => {
        const done = carryOut(ledger, { ...signed, order });
        if (!done.ok) return done;
        const { neuron } = done.value;
        return accept({ ...done.value, neuron: neuron === null ? null : neuronView(ledger, neuron) });
      },
    });
  };
}

/** Reads what somebody signed as a wallet's order. */
function readOrder(payload: Uint8Array, signer: string, context: SignedContext): Decision<WalletOrder> {
  let wire: WireOrder;
  try {
    wire = fromBinary(WalletOrderSchema, payload);
  } catch {
    return refuse('MALFORMED_ENVELOPE', 'the payload is no WalletOrder');
  }
  return orderOfWire(wire, signer, context);
}

/** An order as the domain has it, whoever allowed it. */
export function orderOfWire({ order }: WireOrder, signer: string, context: SignedContext): Decision<WalletOrder> {
  if (isWireKeyOrder(order)) return keyOrderOfWire(order, signer, context);
  if (isGovernanceCase(order)) return readGovernanceOrder(order);
  if (isLifeCase(order)) return readLifeOrder(order);
  switch (order.case) {
    case 'transfer': {
      const amount = positiveRao(order.value.amountRao);
      if (!isCreditable(order.value.to, isWallet)) {
        return refuse('INVALID_ARGUMENT', 'to must be an SS58 address with prefix 42 or a billing account');
      }
      return amount.ok ? accept({ type: 'Transfer', to: order.value.to, amount: amount.value }) : amount;
    }
    case 'register':
      return readRegister(order.value, signer, context);
    case 'revokeMandate':
    case 'revokeSession':
      return readRevocation(order);
    case 'addStake':
    case 'removeStake':
    case 'moveStake':
      return readStakeOrder(order);
    case 'setTake':
      return accept({ type: 'SetTake', hotkey: order.value.hotkey, u16: order.value.takeU16 });
    case 'swapBuy':
    case 'swapSell':
    case 'transferAlpha':
      return readPoolOrder(order);
    case 'rebond':
    case 'setAutoStake':
    case 'reportDoubleSigning':
    case 'disputeSlash':
    case 'voteSlash':
      return readSlashOrder(order, context);
    case undefined:
      return refuse('INVALID_ARGUMENT', 'the order is empty');
  }
}

function readRegister(register: RegisterOrder, signer: string, context: SignedContext): Decision<WalletOrder> {
  const binding = readBinding(register.binding, context);
  if (!binding.ok) return binding;
  if (binding.value.coldkey !== signer) {
    return refuse('WRONG_SIGNER', `the hotkey is bound to ${binding.value.coldkey}, the order is ${signer}'s`);
  }
  const maxCost = positiveRao(register.maxCostRao);
  if (!maxCost.ok) return maxCost;
  const initialStake = register.initialStakeRao === '' ? accept(0n) : positiveRao(register.initialStakeRao);
  if (!initialStake.ok) return initialStake;
  const invited = readInvited(register.invitation, context);
  if (!invited.ok) return invited;
  const { netuid, attempt } = register;
  return accept({
    ...invited.value,
    type: 'Register',
    netuid,
    hotkey: binding.value.hotkey,
    maxCost: maxCost.value,
    attempt: Number(attempt),
    initialStake: initialStake.value,
  });
}

type RevocationCase = Extract<WireOrder['order'], { readonly case: 'revokeMandate' | 'revokeSession' }>;

function readRevocation(order: RevocationCase): Decision<WalletOrder> {
  const [id, field] =
    order.case === 'revokeMandate'
      ? [order.value.mandateSha256, 'mandate_sha256']
      : [order.value.sessionId, 'session_id'];
  if (id.length !== 32) return refuse('INVALID_ARGUMENT', `${field} must be 32 bytes`);
  const hex = Buffer.from(id).toString('hex');
  return accept(
    order.case === 'revokeMandate'
      ? { type: 'RevokeMandate', mandateSha256: hex }
      : { type: 'RevokeSession', sessionId: hex },
  );
}

type StakeCase = Extract<WireOrder['order'], { readonly case: 'addStake' | 'removeStake' | 'moveStake' }>;

function readStakeOrder(order: StakeCase): Decision<WalletOrder> {
  const { netuid, hotkey, amountRao } = order.value;
  if (order.case === 'addStake') {
    const amount = positiveRao(amountRao);
    return amount.ok ? accept({ type: 'AddStake', netuid, hotkey, amount: amount.value }) : amount;
  }
  const amount = amountRao === '' ? accept(undefined) : positiveRao(amountRao);
  if (!amount.ok) return amount;
  const taken = { netuid, hotkey, amount: amount.value };
  if (order.case === 'removeStake') return accept({ type: 'RemoveStake', ...taken });
  const { toNetuid, toHotkey } = order.value;
  return accept({ type: 'MoveStake', ...taken, toNetuid, toHotkey });
}
