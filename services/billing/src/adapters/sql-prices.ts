import { z } from 'zod';
import type { SubnetTerms } from '../application/ports.ts';
import type { Row } from '@subnetes/runtime/sql';
import { small, text, whole } from './row.ts';

/** Prices as they stand in the column: rao as text, since JSON numbers are doubles. */
const STORED_LINES = z.record(
  z.string(),
  z.array(z.object({ unit: z.string(), per: z.int().min(1), priceRao: z.string().regex(/^[0-9]{1,39}$/) })),
);

export function linesJson(models: SubnetTerms['models']): string {
  return JSON.stringify(models, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}

export function pricesOf(row: Row): SubnetTerms {
  const stored = STORED_LINES.parse(JSON.parse(text(row, 'lines')));
  const models = Object.entries(stored).map(
    ([model, lines]) =>
      [model, lines.map(({ unit, per, priceRao }) => ({ unit, per, priceRao: BigInt(priceRao) }))] as const,
  );
  return {
    netuid: small(row, 'netuid'),
    policyVersion: whole(row, 'policy_version'),
    ownerColdkey: text(row, 'owner_coldkey'),
    models: Object.fromEntries(models),
  };
}
