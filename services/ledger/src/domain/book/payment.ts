import { accept, type Decision, refuse } from './refusal.ts';

/** One credit of a payment. */
export interface Part {
  readonly to: string;
  readonly amount: bigint;
}

/** Money out of one account into others, all or nothing. */
export interface Payment {
  readonly asset: string;
  readonly from: string;
  readonly parts: readonly Part[];
}

/** Parts in one payment at most: an epoch pays 256 miners and 256 validators, the owner and the rest. */
export const PARTS_MAX = 1024;

/** What a payment moves in all, or why it is none. */
export function totalOf({ from, parts }: Payment): Decision<bigint> {
  if (parts.length === 0 || parts.length > PARTS_MAX) {
    return refuse('INVALID_ARGUMENT', `a payment has 1 to ${PARTS_MAX} parts, this one has ${parts.length}`);
  }
  let total: bigint | undefined;
  for (const { to, amount } of parts) {
    if (to === from) return refuse('INVALID_ARGUMENT', `payer and payee are the same account: ${from}`);
    if (amount <= 0n) return refuse('INVALID_ARGUMENT', `the amount must be at least 1, not ${amount}`);
    total = total === undefined ? amount : total + amount;
  }
  return accept(total ?? 0n);
}
