import { z } from 'zod';
import { integer, money, withRules } from './field.ts';

/** How the price of a registration moves; a subnet without it takes a flat token. */
export const burnSchema = withRules(
  z
    .object({
      min: money('What a registration costs at least, below 1 token. Absent: 0.0005.').optional(),
      max: money('What a registration costs at most, above 0.1 token. Absent: 100.').optional(),
      halfLifeBlocks: integer(
        { min: 1, max: 36_100 },
        'Blocks in which the price halves while nobody registers. Absent: 360.',
      ).optional(),
      increasePpm: integer(
        { min: 1_000_000, max: 3_000_000 },
        'What each registration multiplies the price by. Parts per million; absent: 1260000.',
      ).optional(),
    })
    .meta({ description: 'How the price of a registration, which is burned, moves. Absent: a flat token.' }),
  [
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
