import { z } from 'zod';

const blocks = z.int().min(1).max(1_000_000);
const tokens = z.string().regex(/^(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?$/);
const half = z.int().min(1).max(500_000);
const share = z.int().min(0).max(1_000_000);
const wallet = z.string().min(40).max(60);

const condition = {
  ppm: half,
  max: tokens.optional(),
  atLeast: z.int().min(1).max(1_000_000).optional(),
};

/** What the ledger takes, said again where Helm can refuse it before anything is installed. */
export const unbondingBlocks = z
  .int()
  .min(0)
  .max(1_000_000)
  .optional()
  .meta({ description: 'Blocks that stake takes to leave; it leaves at once if not given.' });

export const slashing = z
  .strictObject({
    conditions: z
      .array(
        z.union([
          z.strictObject({
            type: z.enum(['DoubleSigning', 'FailedAudits', 'Unavailable']),
            ...condition,
            epochs: z.int().min(1).max(1000).optional(),
          }),
          z.strictObject({
            type: z.literal('Deviation'),
            ...condition,
            epochs: z.int().min(1).max(100).optional(),
          }),
        ]),
      )
      .min(1)
      .max(4),
    disputeBlocks: blocks,
    decisionBlocks: blocks,
    windowBlocks: blocks,
    windowPpm: half,
    reportDeposit: tokens,
    deciders: z.union([
      z.strictObject({
        type: z.literal('Arbiters'),
        keys: z.array(wallet).min(1).max(32),
        required: z.int().min(1).max(32),
      }),
      z.strictObject({ type: z.literal('StakeVote') }),
    ]),
    distribution: z.strictObject({
      burnPpm: share,
      reporterPpm: z.int().min(0).max(500_000),
      insurancePpm: share,
    }),
  })
  .optional()
  .meta({ description: 'What neurons lose stake for, and who decides; nothing if not given.' });
