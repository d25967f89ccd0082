import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import type { Mandate, Operation } from '../economy/mandate.ts';
import type { WalletOrder } from '../economy/wallet-order.ts';
import { type GovernanceOrder, isGovernanceOrder } from '../governance/governance-order.ts';
import { isKeyOrder, type KeyOrder } from '../keys/key-order.ts';
import { swapCost } from '../keys/swap-hotkey.ts';
import { isPoolOrder, type PoolOrder } from '../pools/swap.ts';
import { tokenOf } from '../pools/token-terms.ts';

/** Orders that no mandate allows through this door, and why. */
export const OWN_WORD = {
  Register: 'a registration has a call of its own, which takes a mandate',
  CreateSubnet: 'a new subnet has a call of its own, which takes a mandate',
  RevokeMandate: 'mandates are made and ended by the coldkey alone',
  RevokeSession: 'sessions are opened and ended by the coldkey alone',
  AnnounceColdkeySwap: 'who follows the coldkey is its own word',
  SwapColdkey: 'who follows the coldkey is its own word',
  DisputeColdkeySwap: 'who follows the coldkey is its own word',
  Veto: 'the network chose the members of its council by name',
} as const satisfies Partial<Record<WalletOrder['type'], string>>;

type OwnWord = keyof typeof OWN_WORD;
type Mandatable = Exclude<WalletOrder, { readonly type: OwnWord }>;

/** What an order needs of a mandate. */
export interface Need {
  readonly operation: Operation;
  /** Subnets that it touches; none: it is about none. */
  readonly netuids: readonly number[] | 'Every';
  /** What it moves: rao, or units of `token`. */
  readonly amount: bigint;
  /** Where what it moves is a subnet's token. */
  readonly token?: string;
}

/** The operations that a mandate has to name for an order of each type: one of them, by what the order is about. */
export const OPERATIONS_OF: Readonly<Record<Mandatable['type'], readonly Operation[]>> = {
  Transfer: ['Transfer'],
  AddStake: ['Stake', 'Delegate'],
  RemoveStake: ['RemoveStake'],
  MoveStake: ['MoveStake'],
  SetTake: ['SetTake'],
  SetChildren: ['SetChildren'],
  SetChildTake: ['SetTake'],
  SwapHotkey: ['SwapHotkey'],
  RequestRegistration: ['Register'],
  ApproveRegistration: ['SetPolicy'],
  DenyRegistration: ['SetPolicy'],
  RevokeInvitation: ['SetPolicy'],
  SwapBuy: ['SwapBuy'],
  SwapSell: ['SwapSell'],
  TransferAlpha: ['TransferAlpha'],
  Rebond: ['Rebond'],
  SetAutoStake: ['SetAutoStake'],
  ReportDoubleSigning: ['ReportDoubleSigning'],
  DisputeSlash: ['DisputeSlash'],
  VoteSlash: ['VoteSlash'],
  MatchEviction: ['MatchEviction'],
  DissolveSubnet: ['DissolveSubnet'],
  KeepSubnet: ['KeepSubnet'],
  ChangeSubnet: ['SetPolicy'],
  Deregister: ['Deregister'],
  Propose: ['Propose'],
  Vote: ['Vote'],
  DelegateVote: ['DelegateVote'],
  ClaimGrant: ['ClaimGrant'],
};

/** What an order needs, or why no mandate allows it. What the order itself lacks is said when it is carried out. */
export function needOf(ledger: Ledger, mandate: Mandate, order: WalletOrder): Decision<Need> {
  if (isOwnWord(order)) {
    return refuse('MANDATE_NOT_GRANTED', `${order.type} is allowed by no mandate: ${OWN_WORD[order.type]}`);
  }
  if (isPoolOrder(order)) return poolNeed(mandate, order);
  if (isGovernanceOrder(order)) return accept(governanceNeed(ledger, order));
  if (isKeyOrder(order)) return accept(keyNeed(order));
  switch (order.type) {
    case 'Transfer':
      return mayPay(mandate, order.to, { operation: 'Transfer', netuids: [], amount: order.amount });
    case 'AddStake': {
      const isOwn = ledger.hotkeys.get(order.hotkey) === mandate.payer;
      return accept({ operation: isOwn ? 'Stake' : 'Delegate', netuids: [order.netuid], amount: order.amount });
    }
    case 'RemoveStake':
      return named(order.amount, (amount) => ({ operation: 'RemoveStake', netuids: [order.netuid], amount }));
    case 'MoveStake': {
      const netuids = [order.netuid, order.toNetuid];
      return named(order.amount, (amount) => ({ operation: 'MoveStake', netuids, amount }));
    }
    case 'SetTake':
      return accept({ operation: 'SetTake', netuids: 'Every', amount: 0n });
    case 'MatchEviction':
    case 'KeepSubnet':
    case 'DissolveSubnet':
      return accept({ operation: order.type, netuids: [order.netuid], amount: lifeCost(ledger, order) });
    case 'Deregister':
      return accept({ operation: 'Deregister', netuids: [order.netuid], amount: 0n });
    case 'ChangeSubnet':
      return accept({ operation: 'SetPolicy', netuids: [order.netuid], amount: 0n });
    case 'Rebond':
    case 'SetAutoStake':
    case 'ReportDoubleSigning':
    case 'DisputeSlash':
    case 'VoteSlash':
      return slashNeed(ledger, mandate, order);
  }
}

function isOwnWord(order: WalletOrder): order is Extract<WalletOrder, { readonly type: OwnWord }> {
  return order.type in OWN_WORD;
}

/** "All of it" is no amount that a limit could hold. */
function named(amount: bigint | undefined, need: (amount: bigint) => Need): Decision<Need> {
  return amount === undefined
    ? refuse('INVALID_ARGUMENT', 'by mandate the amount has to be named')
    : accept(need(amount));
}

function mayPay({ transferTo }: Mandate, to: string, need: Need): Decision<Need> {
  return transferTo?.includes(to) === true
    ? accept(need)
    : refuse('MANDATE_NOT_GRANTED', `the mandate names no transfers to ${to}`);
}

/** What a swap gives counts as it was asked for, also where a part of it is kept at the limit price. */
function poolNeed(mandate: Mandate, order: PoolOrder): Decision<Need> {
  const netuids = [order.netuid];
  const token = tokenOf(order.netuid);
  switch (order.type) {
    case 'SwapBuy':
      return accept({ operation: 'SwapBuy', netuids, amount: order.amount });
    case 'SwapSell':
      return named(order.amount, (amount) => ({ operation: 'SwapSell', netuids, amount, token }));
    case 'TransferAlpha':
      return mayPay(mandate, order.to, { operation: 'TransferAlpha', netuids, amount: order.amount, token });
  }
}

/** Proposals and votes are the whole network's, whatever subnet a proposal is about. */
function governanceNeed(ledger: Ledger, order: Exclude<GovernanceOrder, { readonly type: OwnWord }>): Need {
  switch (order.type) {
    case 'Propose':
      return { operation: 'Propose', netuids: 'Every', amount: ledger.network.genesis.governance?.deposit ?? 0n };
    case 'Vote':
    case 'DelegateVote':
      return { operation: order.type, netuids: 'Every', amount: 0n };
    case 'ClaimGrant':
      return { operation: 'ClaimGrant', netuids: [], amount: 0n };
  }
}

function keyNeed(order: Exclude<KeyOrder, { readonly type: OwnWord }>): Need {
  switch (order.type) {
    case 'SetChildren':
      return { operation: 'SetChildren', netuids: [order.netuid], amount: 0n };
    case 'SetChildTake':
      return { operation: 'SetTake', netuids: [order.netuid], amount: 0n };
    case 'SwapHotkey': {
      const netuids = order.netuid === undefined ? 'Every' : [order.netuid];
      return { operation: 'SwapHotkey', netuids, amount: swapCost(order) };
    }
    case 'RequestRegistration':
      return { operation: 'Register', netuids: [order.netuid], amount: 0n };
    case 'ApproveRegistration':
    case 'DenyRegistration':
    case 'RevokeInvitation':
      return { operation: 'SetPolicy', netuids: [order.netuid], amount: 0n };
  }
}

type LifeOrder = Extract<WalletOrder, { readonly type: 'MatchEviction' | 'KeepSubnet' | 'DissolveSubnet' }>;

/** What it will really take, in rao; the order says besides what it may be. */
function lifeCost(ledger: Ledger, order: LifeOrder): bigint {
  switch (order.type) {
    case 'MatchEviction':
      return ledger.neuronByHotkey(order.netuid, order.hotkey)?.notice?.price ?? 0n;
    case 'KeepSubnet':
      return ledger.subnet(order.netuid)?.dissolution?.newcomer?.price ?? 0n;
    case 'DissolveSubnet':
      return 0n;
  }
}

type SlashOrder = Extract<
  WalletOrder,
  { readonly type: 'Rebond' | 'SetAutoStake' | 'ReportDoubleSigning' | 'DisputeSlash' | 'VoteSlash' }
>;

function slashNeed(ledger: Ledger, { payer }: Mandate, order: SlashOrder): Decision<Need> {
  switch (order.type) {
    case 'Rebond': {
      const row = ledger.unbondings.get(String(order.unbondingId));
      if (row === undefined || row.wallet !== payer) {
        return refuse('UNBONDING_UNKNOWN', `${payer} has nothing unbonding under ${order.unbondingId}`);
      }
      return named(order.amount, (amount) => ({ operation: 'Rebond', netuids: [row.netuid], amount }));
    }
    case 'SetAutoStake':
      return accept({ operation: 'SetAutoStake', netuids: [order.netuid], amount: 0n });
    case 'ReportDoubleSigning': {
      const amount = ledger.network.genesis.slashing?.reportDeposit ?? 0n;
      return accept({ operation: 'ReportDoubleSigning', netuids: [order.netuid], amount });
    }
    case 'DisputeSlash':
    case 'VoteSlash': {
      const slash = ledger.slashes.get(order.slashId);
      if (slash === undefined) return refuse('SLASH_UNKNOWN', `there is no slash ${order.slashId}`);
      return accept({ operation: order.type, netuids: [slash.netuid], amount: 0n });
    }
  }
}
