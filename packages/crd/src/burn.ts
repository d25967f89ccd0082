import { z } from 'zod';
import { integer, money, text, withRules } from './field.ts';

const intervalSchema = z
  .object({
    blocks: integer({ min: 1, max: 65_535 }, 'Blocks of an interval. Absent: 100.').optional(),
    targetRegistrations: integer(
      { min: 1, max: 65_535 },
      'Registrations in an interval that leave the price as it is. Absent: 2.',
    ).optional(),
    alphaU64: text(
      20,
      'Weight of the old price, of 18446744073709551615, as a string of digits: "0" moves at once. Absent: "0".',
    )
      .regex(/^(0|[1-9][0-9]{0,19})$/)
      .optional(),
  })
  .meta({ description: 'How long an interval is, and what moves the price after it.' });

/** How the price of a registration moves; a subnet without it takes a flat token. */
export const burnSchema = withRules(
  z
    .object({
      type: z.enum(['Continuous', 'Interval']).optional().meta({
        description:
          'Continuous: up with each registration, down with each block. Interval: once an interval, by how many registered in it. Absent: Continuous.',
      }),
      min: money('What a registration costs at least, below 1 token. Absent: 0.0005.').optional(),
      max: money('What a registration costs at most, above 0.1 token. Absent: 100.').optional(),
      halfLifeBlocks: integer(
        { min: 1, max: 36_100 },
        'Continuous: blocks in which the price halves while nobody registers. Absent: 360.',
      ).optional(),
      increasePpm: integer(
        { min: 1_000_000, max: 3_000_000 },
        'Continuous: what each registration multiplies the price by. Parts per million; absent: 1260000.',
      ).optional(),
      interval: intervalSchema.optional(),
    })
    .meta({ description: 'How the price of a registration, which is burned, moves. Absent: a flat token.' }),
  [
    {
      rule: "(has(self.type) && self.type == 'Interval') == has(self.interval)",
      message: 'interval must be set exactly when type is Interval',
      fieldPath: '.interval',
    },
    {
      rule: "!has(self.type) || self.type != 'Interval' || !has(self.halfLifeBlocks)",
      message: 'halfLifeBlocks is of Continuous terms',
      fieldPath: '.halfLifeBlocks',
    },
    {
      rule: "!has(self.type) || self.type != 'Interval' || !has(self.increasePpm)",
      message: 'increasePpm is of Continuous terms',
      fieldPath: '.increasePpm',
    },
    {
      rule: '!has(self.min) || double(self.min) < 1.0',
      message: 'min must be below 1 token',
      fieldPath: '.min',
    },
    {
      rule: '!has(self.max) || double(self.max) > 0.1',
      message: 'max must be above 0.1 token',
      fieldPath: '.max',
    },
    {
      rule: '!has(self.min) || !has(self.max) || double(self.min) < double(self.max)',
      message: 'min must be below max',
      fieldPath: '.min',
    },
  ],
);
