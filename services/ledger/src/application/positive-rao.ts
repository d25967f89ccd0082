import { unitsFromText } from '@subnetes/money/amount';
import { accept, type Decision, refuse } from '#domain/book/refusal.ts';

/** Rao above zero out of a wire's text. */
export function positiveRao(text: string): Decision<bigint> {
  const units = unitsFromText(text);
  if (!units.ok) return refuse('INVALID_ARGUMENT', units.message);
  return units.value > 0n
    ? accept(units.value)
    : refuse('INVALID_ARGUMENT', `the amount must be at least 1, not ${text}`);
}
