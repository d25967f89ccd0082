import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { TakeBounds } from '../governance/proposal.ts';
import type { Ledger } from './ledger.ts';

/** What a hotkey keeps of the dividends of those who delegate to it. */
export interface Take {
  /** Of 65535. */
  readonly u16: number;
  readonly changedAtBlock: number;
}

export interface TakeOrder {
  readonly hotkey: string;
  readonly u16: number;
}

/** 18 %, as on the chain: the most, and what holds where its owner has said nothing. */
export const TAKE_MAX_U16 = 11_796;

/**
 * Blocks since the last change before a take may rise. Stricter than the chain, which counts from the last rise: there a take
 * could be lowered to be seen, and raised at once.
 */
export const TAKE_RISES_AFTER_BLOCKS = 216_000;

const U16 = 65_535n;

/** What was chosen, within the network's bounds of now. */
export function takeOf(ledger: Ledger, hotkey: string): number {
  const { minU16, maxU16 } = takeBoundsOf(ledger);
  const chosen = ledger.takes.get(hotkey)?.u16 ?? TAKE_MAX_U16;
  return Math.min(maxU16, Math.max(minU16, chosen));
}

function takeBoundsOf({ network }: Ledger): TakeBounds {
  return network.genesis.takeBounds ?? { minU16: 0, maxU16: TAKE_MAX_U16 };
}

/** Changes a take, of all subnets. What is sealed already is paid by the take that was sealed with it. */
export function setTake(ledger: Ledger, owner: string, { hotkey, u16 }: TakeOrder): Decision<undefined> {
  const known = ledger.hotkeys.get(hotkey);
  if (known === undefined) return refuse('NOT_REGISTERED', `${hotkey} was never registered`);
  if (known !== owner) return refuse('NOT_OWNER', `${hotkey} belongs to ${known}`);
  const { minU16, maxU16 } = takeBoundsOf(ledger);
  if (u16 > maxU16) return refuse('INVALID_ARGUMENT', `a take is ${maxU16} of 65535 at most, not ${u16}`);
  if (u16 < minU16) return refuse('INVALID_ARGUMENT', `a take is ${minU16} of 65535 at least, not ${u16}`);
  const before = ledger.takes.get(hotkey);
  const from = (before?.changedAtBlock ?? 0) + TAKE_RISES_AFTER_BLOCKS;
  if (u16 > takeOf(ledger, hotkey) && ledger.block < from) {
    return refuse('TAKE_RISES_LATER', `the take of ${hotkey} may rise from block ${from} on; it may fall at any time`);
  }
  ledger.takes.put(hotkey, { u16, changedAtBlock: ledger.block });
  return accept(undefined);
}

/** Of a validator's dividend, what goes to those who delegated to it: their part by stake, without the take. Floored, in rao. */
export function delegatorsPart(
  dividend: bigint,
  sealed: { readonly stake: bigint; readonly delegated: bigint; readonly takeU16: number },
): bigint {
  if (sealed.stake === 0n) return 0n;
  const part = (dividend * sealed.delegated) / sealed.stake;
  return part - (part * BigInt(sealed.takeU16)) / U16;
}
