import { canonicalJson, type Json } from '../book/canonical-json.ts';
import type { RefusalCode } from '../book/refusal.ts';

/** In which field an order differs from the one that took its id. */
export interface OrderDifference {
  /** As the wire calls it. */
  readonly field: string;
  readonly code: RefusalCode;
}

/** In the order in which a difference is told: where the money goes before how much, and both before what it is for. */
const FIELDS: readonly (readonly [member: string, field: string, code: RefusalCode])[] = [
  ['from', 'from', 'EXISTS_WITH_DIFFERENT_ACCOUNT'],
  ['to', 'to', 'EXISTS_WITH_DIFFERENT_ACCOUNT'],
  ['account', 'account', 'EXISTS_WITH_DIFFERENT_ACCOUNT'],
  ['amount', 'amount', 'EXISTS_WITH_DIFFERENT_AMOUNT'],
  ['holdId', 'hold_id', 'EXISTS_WITH_DIFFERENT_HOLD'],
  ['parts', 'parts', 'EXISTS_WITH_DIFFERENT_PARTS'],
  ['close', 'close', 'EXISTS_WITH_DIFFERENT_CLOSE'],
  ['expiresAtBlock', 'expires_at_block', 'EXISTS_WITH_DIFFERENT_EXPIRY'],
  ['reverses', 'reverses', 'EXISTS_WITH_DIFFERENT_REVERSES'],
  ['code', 'code', 'EXISTS_WITH_DIFFERENT_CODE'],
  ['effectiveAtMs', 'effective_at_ms', 'EXISTS_WITH_DIFFERENT_TIME'],
  ['type', 'change', 'EXISTS_WITH_DIFFERENT_CHANGE'],
  ['owner', 'owner', 'EXISTS_WITH_DIFFERENT_CHANGE'],
  ['floor', 'floor_rao', 'EXISTS_WITH_DIFFERENT_CHANGE'],
  ['limit', 'limit_rao', 'EXISTS_WITH_DIFFERENT_CHANGE'],
  ['frozen', 'frozen', 'EXISTS_WITH_DIFFERENT_CHANGE'],
  ['actor', 'actor', 'EXISTS_WITH_DIFFERENT_CHANGE'],
];

type Members = Readonly<Record<string, Json>>;

/** The first field that differs; undefined when none does that has a name here. */
export function orderDifference(stored: Members, asked: Members): OrderDifference | undefined {
  const found = FIELDS.find(([member]) => textOf(stored[member]) !== textOf(asked[member]));
  return found === undefined ? undefined : { field: found[1], code: found[2] };
}

function textOf(value: Json | undefined): string {
  return value === undefined ? '' : canonicalJson(value);
}
