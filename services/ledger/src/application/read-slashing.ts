import { publicKeyOf } from '@subnetes/keys/ss58';
import { raoFromTokenText } from '@subnetes/money/amount';
import { z } from 'zod';
import {
  ARBITERS_MAX,
  epochsMax,
  PPM,
  REPORTER_PPM_MAX,
  SLASH_PPM_MAX,
  type SlashCondition,
  type SlashingTerms,
  UNBONDING_BLOCKS_MAX,
} from '#domain/slashing/slashing-terms.ts';

const blocks = z.int().min(1).max(UNBONDING_BLOCKS_MAX);
const tokens = z.string().regex(/^(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?$/);
const share = z.int().min(0).max(Number(PPM));
const wallet = z.string().refine((text) => publicKeyOf(text) !== undefined, 'must be an SS58 address with prefix 42');

const condition = z
  .strictObject({
    type: z.enum(['DoubleSigning', 'FailedAudits', 'Deviation', 'Unavailable']),
    ppm: z.int().min(1).max(SLASH_PPM_MAX),
    max: tokens.optional(),
    epochs: z.int().min(1).optional(),
    atLeast: z.int().min(1).max(1_000_000).optional(),
  })
  .refine(({ type, epochs = 1 }) => epochs <= epochsMax(type), {
    path: ['epochs'],
    error: ({ input }) => epochsFinding(input),
  });

function epochsFinding(input: unknown): string {
  const { type } = input as SlashCondition;
  return `${type} takes at most ${epochsMax(type)} epochs`;
}

/** `slashing` of a genesis file. */
export const slashingSchema = z.strictObject({
  conditions: z.array(condition).min(1).max(4),
  disputeBlocks: blocks,
  decisionBlocks: blocks,
  windowBlocks: blocks,
  windowPpm: z.int().min(1).max(SLASH_PPM_MAX),
  /** Without one a report would cost nothing, and the neuron at fault a window of doubt. */
  reportDeposit: tokens.refine((text) => raoOf(text) > 0n, 'must be above zero'),
  deciders: z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('Arbiters'),
      keys: z.array(wallet).min(1).max(ARBITERS_MAX),
      required: z.int().min(1).max(ARBITERS_MAX),
    }),
    z.strictObject({ type: z.literal('StakeVote') }),
  ]),
  distribution: z.strictObject({
    burnPpm: share,
    reporterPpm: share.max(REPORTER_PPM_MAX),
    insurancePpm: share,
  }),
});

export function slashingOf({ conditions, reportDeposit, ...terms }: z.infer<typeof slashingSchema>): SlashingTerms {
  return { ...terms, conditions: conditions.map(conditionOf), reportDeposit: raoOf(reportDeposit) };
}

function conditionOf({ type, ppm, max, epochs, atLeast }: z.infer<typeof condition>): SlashCondition {
  return {
    type,
    ppm,
    ...(max === undefined ? {} : { max: raoOf(max) }),
    ...(epochs === undefined ? {} : { epochs }),
    ...(atLeast === undefined ? {} : { atLeast }),
  };
}

function raoOf(text: string): bigint {
  const parsed = raoFromTokenText(text);
  return parsed.ok ? parsed.value : 0n;
}
