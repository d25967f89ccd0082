import { carryOutAtPool, isPoolOrder, type PoolOrder } from '../pools/swap.ts';
import type { KeyClaim } from '../book/journal.ts';
import { accept, type Decision, type Refusal, refuse } from '../book/refusal.ts';
import { type GovernanceOrder, isGovernanceOrder, performGovernanceOrder } from '../governance/governance-order.ts';
import { carryOutKeyOrder, isKeyOrder, type KeyOrder } from '../keys/key-order.ts';
import { pinScheme, type Scheme } from '../keys/scheme.ts';
import { isColdkeyOrder } from '../keys/swap-coldkey.ts';
import { swapBar } from '../keys/swap-bar.ts';
import type { Invitation } from '../mandates/admission.ts';
import type { Ledger } from './ledger.ts';
import { performSlashOrder, type SlashOrder } from '../slashing/slash-orders.ts';
import { mandateKey } from './mandate.ts';
import type { Neuron } from './neuron.ts';
import { carryOutLife, type LifeOrder } from '../life/life-order.ts';
import { registerOrWait } from '../life/register-or-wait.ts';
import { revokeSession } from './session.ts';
import { setTake, type TakeOrder } from './take.ts';
import { changeStake, type StakeOrder } from './wallet-stake.ts';

/** What a coldkey can ask for by its own signature. Money in rao. */
export type WalletOrder =
  | { readonly type: 'Transfer'; readonly to: string; readonly amount: bigint }
  | {
      readonly type: 'Register';
      readonly netuid: number;
      readonly hotkey: string;
      readonly maxCost: bigint;
      readonly attempt: number;
      /** Put on the hotkey with the registration. */
      readonly initialStake: bigint;
      readonly invitation?: Invitation;
    }
  | { readonly type: 'RevokeMandate'; readonly mandateSha256: string }
  | { readonly type: 'RevokeSession'; readonly sessionId: string }
  | ({ readonly type: 'SetTake' } & TakeOrder)
  | GovernanceOrder
  | KeyOrder
  | StakeOrder
  | SlashOrder
  | LifeOrder
  | PoolOrder;

/** An order whose signature was verified. */
export interface SignedOrder {
  /** SS58 of the coldkey. */
  readonly signer: string;
  readonly sequence: number;
  readonly expiresAtBlock: number;
  /** Of the signature; absent: sr25519. */
  readonly scheme?: Scheme;
  readonly order: WalletOrder;
}

export interface OrderDone {
  readonly sequence: number;
  readonly block: number;
  /** Of a registration; null while it waits for its place. */
  readonly neuron: Neuron | null;
}

export function orderKey(signer: string): string {
  return `wallet-order/${signer}`;
}

/** Carries an order out once: its sequence must be above every earlier one of the same coldkey. */
export function carryOut(ledger: Ledger, signed: SignedOrder): Decision<OrderDone> {
  if (signed.expiresAtBlock < ledger.block) {
    return refuse(
      'ENVELOPE_EXPIRED',
      `the order ended at block ${signed.expiresAtBlock}, this is block ${ledger.block}`,
    );
  }
  const last = ledger.sequences.get(orderKey(signed.signer)) ?? 0;
  if (signed.sequence <= last) return replayed(signed.signer, last);
  const other = pinScheme(ledger, signed.signer, signed.scheme);
  if (other !== undefined) return other;
  ledger.sequences.put(orderKey(signed.signer), signed.sequence);
  const { signer, order, sequence: orderSequence } = signed;
  const done = allowOrder(ledger, { signer, order, by: { orderSequence } });
  if (!done.ok) return done;
  return accept({ sequence: ledger.journal.head.sequence, block: ledger.block, neuron: done.value });
}

/** Carries out what a coldkey itself wants, unless a swap of it is under way. */
export function allowOrder(ledger: Ledger, wanted: AllowedOrder): Decision<Neuron | null> {
  // A dispute takes nothing out, and its window is shorter than a swap's delay: a report must not wait for one.
  const isFree = isColdkeyOrder(wanted.order) || wanted.order.type === 'DisputeSlash';
  const barred = isFree ? undefined : swapBar(ledger, wanted.signer);
  return barred ?? performOrder(ledger, wanted);
}

export function replayed(signer: string, last: number): Refusal {
  return refuse(
    'ENVELOPE_REPLAYED',
    `${signer} has used sequence ${last}: an order needs a higher one, and each is carried out once`,
  );
}

/** An order that is allowed, whoever allowed it. */
export interface AllowedOrder extends Pick<SignedOrder, 'signer' | 'order'> {
  /** What allowed it, for the journal. */
  readonly by: object;
  readonly keys?: readonly KeyClaim[];
}

/** Carries an order out that is allowed. */
export function performOrder(ledger: Ledger, signed: AllowedOrder): Decision<Neuron | null> {
  const { order, signer, by, keys } = signed;
  if (isGovernanceOrder(order)) {
    const done = performGovernanceOrder(ledger, { signer, by, order, keys });
    return done.ok ? accept(null) : done;
  }
  if (isKeyOrder(order)) return written(ledger, signed, carryOutKeyOrder(ledger, signer, order));
  if (isPoolOrder(order)) return written(ledger, signed, carryOutAtPool(ledger, signer, order));
  switch (order.type) {
    case 'Transfer': {
      const parts = [{ to: order.to, amount: order.amount }];
      const paid = ledger.book.pay({ asset: ledger.asset, from: signer, parts });
      if (!paid.ok) return paid;
      writeOrder(ledger, signed, { to: order.to, amount: order.amount });
      return accept(null);
    }
    case 'AddStake':
    case 'RemoveStake':
    case 'MoveStake': {
      const amount = changeStake(ledger, signer, order);
      if (!amount.ok) return amount;
      const { type: _type, ...named } = order;
      writeOrder(ledger, signed, { ...named, amount: amount.value });
      return accept(null);
    }
    case 'Register':
      return performRegistration(ledger, signed, order);
    case 'SetTake': {
      const set = setTake(ledger, signer, order);
      return written(ledger, signed, set.ok ? accept({ hotkey: order.hotkey, takeU16: order.u16 }) : set);
    }
    case 'Rebond':
    case 'SetAutoStake':
    case 'ReportDoubleSigning':
    case 'DisputeSlash':
    case 'VoteSlash':
      return written(ledger, signed, performSlashOrder(ledger, signer, order));
    case 'MatchEviction':
    case 'DissolveSubnet':
    case 'KeepSubnet':
    case 'CreateSubnet':
    case 'ChangeSubnet':
    case 'Deregister':
      return written(ledger, signed, carryOutLife(ledger, signer, order));
    case 'RevokeMandate': {
      revokeMandate(ledger, signer, order.mandateSha256);
      writeOrder(ledger, signed, { mandateSha256: order.mandateSha256 });
      return accept(null);
    }
    case 'RevokeSession': {
      revokeSession(ledger, signer, order.sessionId);
      writeOrder(ledger, signed, { sessionId: order.sessionId });
      return accept(null);
    }
  }
}

/** A mandate that was never used is unknown here, and can be revoked all the same. */
function revokeMandate(ledger: Ledger, payer: string, sha256: string): void {
  const key = mandateKey(payer, sha256);
  const used = ledger.mandates.get(key)?.used ?? 0n;
  ledger.mandates.put(key, { payer, used, revoked: true });
}

/** Of an order that brings no neuron: its entry, where it was carried out. */
function written(ledger: Ledger, signed: AllowedOrder, done: Decision<object>): Decision<null> {
  if (!done.ok) return done;
  writeOrder(ledger, signed, done.value);
  return accept(null);
}

/** Also where the hotkey has to wait for its place: then there is no neuron yet. */
function performRegistration(
  ledger: Ledger,
  signed: AllowedOrder,
  order: Extract<WalletOrder, { readonly type: 'Register' }>,
): Decision<Neuron | null> {
  const terms = { ...order, coldkey: signed.signer, payer: signed.signer, mandate: null, cause: null };
  const enrolled = registerOrWait(ledger, terms);
  if (!enrolled.ok) return enrolled;
  const registered = enrolled.value.kind === 'Registered' ? enrolled.value.registered : undefined;
  if (registered?.alreadyRegistered === true) {
    return refuse(
      'ALREADY_REGISTERED',
      `${order.hotkey} is registered in subnet ${order.netuid} as uid ${registered.neuron.uid}`,
    );
  }
  const staked = order.initialStake === 0n ? {} : { initialStake: order.initialStake };
  writeOrder(ledger, signed, { netuid: order.netuid, hotkey: order.hotkey, ...staked });
  return accept(registered?.neuron ?? null);
}

function writeOrder(ledger: Ledger, { signer, order, by, keys = [] }: AllowedOrder, details: object): void {
  ledger.journal.write({
    block: ledger.block,
    kind: `Order${order.type}`,
    payload: { signer, ...by, ...details },
    keys,
  });
}
