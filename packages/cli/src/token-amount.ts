import { raoFromTokenText } from '@subnetes/money/amount';
import { usageFailure } from './failure.ts';

/** Whole-token text of an option as rao; refuses what is no amount, naming the option. */
export function raoOfOption(option: string, text: string): bigint {
  const parsed = raoFromTokenText(text);
  if (!parsed.ok) throw usageFailure(`${option}: ${parsed.message}`);
  return parsed.value;
}
