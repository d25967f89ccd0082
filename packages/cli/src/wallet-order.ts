import { create, toBinary } from '@bufbuild/protobuf';
import { signEnvelope } from '@subnetes/keys/envelope';
import type { KeyPair } from '@subnetes/keys/key-pair';
import type { Sr25519Pair } from '@subnetes/keys/sr25519-pair';
import { EnvelopeType, type SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { IncentiveFunctionOrderSchema } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { type WalletOrder, WalletOrderSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';

/** An order is good for this many blocks: long enough to be carried out, too short to lie around. */
const LIFE_BLOCKS = 100n;

/** What every signature of this program is bound to. */
export interface SigningContext {
  readonly networkId: Uint8Array;
  /** The ledger's newest block. */
  readonly block: bigint;
  /** Unix milliseconds: the sequence has to rise with every order, and a clock does. */
  readonly nowMs: number;
}

/** Signs what a coldkey asks the ledger for. */
export function signOrder(order: WalletOrder['order'], coldkey: KeyPair, context: SigningContext): SignedEnvelope {
  const payload = toBinary(WalletOrderSchema, create(WalletOrderSchema, { order }));
  return signEnvelope({ ...termsOf(context), type: EnvelopeType.WALLET_ORDER, payload }, coldkey);
}

/** Signs that scoring may keep a module for a subnet. */
export function signFunctionOrder(
  order: { readonly netuid: number; readonly sha256: Uint8Array },
  coldkey: KeyPair,
  context: SigningContext,
): SignedEnvelope {
  const payload = toBinary(IncentiveFunctionOrderSchema, create(IncentiveFunctionOrderSchema, order));
  return signEnvelope({ ...termsOf(context), type: EnvelopeType.INCENTIVE_FUNCTION, payload }, coldkey);
}

/** A hotkey's own statement of who owns it. */
export function signBinding(ownerAddress: string, hotkey: Sr25519Pair, context: SigningContext): SignedEnvelope {
  const payload = new TextEncoder().encode(ownerAddress);
  return signEnvelope({ ...termsOf(context), type: EnvelopeType.HOTKEY_BINDING, payload }, hotkey);
}

/** Signs a row of weights in the open, bound to the registration that it is of. */
export function signWeights(
  payload: Uint8Array,
  by: { readonly pair: Sr25519Pair; readonly registrationId: Uint8Array },
  context: SigningContext,
): SignedEnvelope {
  const { registrationId } = by;
  return signEnvelope({ ...termsOf(context), type: EnvelopeType.SET_WEIGHTS, registrationId, payload }, by.pair);
}

function termsOf({ networkId, block, nowMs }: SigningContext) {
  return { networkId, sequence: BigInt(nowMs), expiresAtBlock: block + LIFE_BLOCKS };
}
