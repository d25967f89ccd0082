import { ASSIGNMENT_RANGES } from '@subnetes/policy/assignment';
import { BOUNDED_SCORES_RANGES } from '@subnetes/policy/bounded-scores';
import { DEVIATION_RANGES } from '@subnetes/policy/deviation';
import { FIREWALL_RANGES } from '@subnetes/policy/firewall-rules';
import { PLACE_WEIGHT_RANGE, PLACES_MAX } from '@subnetes/policy/incentive-curve';
import { QUALITY_FLOOR_RANGES } from '@subnetes/policy/quality-floor';
import type { Ranges } from '@subnetes/policy/ranges';
import { REPUTATION_RANGES } from '@subnetes/policy/reputation';
import { z } from 'zod';
import { atomicList, integer, withRules } from './field.ts';

/** Every member of a rule as an optional integer, within the range that ledger and epoch hold it to. */
function members<Rules>(ranges: Ranges<Rules>, descriptions: { readonly [Key in keyof Required<Rules>]: string }) {
  const names = Object.keys(ranges) as (keyof Required<Rules>)[];
  return Object.fromEntries(
    names.map((name) => [name, integer(ranges[name], descriptions[name]).optional()]),
  ) as unknown as { [Key in keyof Required<Rules>]: z.ZodOptional<z.ZodInt> };
}

const firewallSchema = withRules(
  z
    .object(
      members(FIREWALL_RANGES, {
        minersMin: 'Fewer miners in common than this, and flatness, staleness and reversal are not judged.',
        flatWithinPpm: 'A row is flat if its scores differ by at most this part of the largest. Parts per million.',
        flatDistancePpm: "And the others' consensus lies at least this far from the same flat row. Parts per million.",
        staleWithinPpm: 'A row is the one of the epoch before if it moved at most this far. Parts per million.',
        othersMovedPpm: "While half of the others' stake moved at least this far; more than staleWithinPpm.",
        staleAfterEpochs: 'Consecutive such epochs after which a row is stale.',
        reversalPpm:
          'A row is reversed if its rank correlation with its own past and with the others is at most minus this.',
        quorumPpm: 'Who abstains leaves the vote while at least this share of active stake stays in it.',
      }),
    )
    .meta({ description: 'Validators whose rows carry no judgement of an epoch abstain in it, visibly.' }),
  [
    {
      rule: '!has(self.othersMovedPpm) || !has(self.staleWithinPpm) || self.othersMovedPpm > self.staleWithinPpm',
      message: 'othersMovedPpm must be greater than staleWithinPpm',
      fieldPath: '.othersMovedPpm',
    },
  ],
);

const assignmentSchema = z
  .object(
    members(ASSIGNMENT_RANGES, {
      judges: 'Judges of each miner at least; fewer only where there are fewer validators.',
      coverageU16: 'More than this share of stake judges every miner, of 65535; kappa where that is more.',
    }),
  )
  .meta({
    description:
      'Which validators judge which miners is drawn anew in every interval; what a row says of others does not count. Needs commitReveal Timelock, whose beacon draws.',
  });

const boundedScoresSchema = z
  .object(
    members(BOUNDED_SCORES_RANGES, {
      factorPpm: 'Scores are held within [median / factor, median × factor]. Parts per million, from one whole.',
    }),
  )
  .meta({ description: "How far one validator's score may lie from what half of the stake says." });

const qualityFloorSchema = z
  .object(
    members(QUALITY_FLOOR_RANGES, {
      heldPpm: 'The level is the incentive at or above which this share of all incentive is held. Parts per million.',
      fractionPpm: 'The floor as a part of that level. Parts per million.',
      hysteresisPpm: 'Half the width of the band around the floor, as a part of it. Parts per million.',
    }),
  )
  .meta({
    description: "Miners below a floor that follows the network's own level earn nothing; the others share it.",
  });

const incentiveCurveSchema = withRules(
  z
    .object({
      weightsByPlace: atomicList(integer(PLACE_WEIGHT_RANGE, 'Weight of a place; later ones do not rise.'), {
        max: PLACES_MAX,
        description: 'Weights of the first, second and further places, of any scale; places beyond earn nothing.',
      })
        .min(1)
        .optional(),
    })
    .meta({ description: 'Incentive by place instead of by amount.' }),
  [
    {
      rule: '!has(self.weightsByPlace) || self.weightsByPlace[0] > 0',
      message: 'the first place has to earn something',
      fieldPath: '.weightsByPlace',
    },
  ],
);

const reputationSchema = withRules(
  z
    .object(
      members(REPUTATION_RANGES, {
        startPpm: 'Standing of a registration in its first epoch. Parts per million.',
        upPpm: 'Part of the way up to its trust that standing goes in an epoch. Parts per million.',
        downPpm: 'Part of the way down, at least as fast as up. Parts per million.',
      }),
    )
    .meta({ description: 'Incentives are weighed by a standing that follows trust, slowly up and fast down.' }),
  [
    {
      rule: '!has(self.upPpm) || !has(self.downPpm) || self.downPpm >= self.upPpm',
      message: 'downPpm must be at least upPpm',
      fieldPath: '.downPpm',
    },
  ],
);

const deviationSchema = withRules(
  z
    .object(
      members(DEVIATION_RANGES, {
        limitPpm: 'Distance from the consensus that counts as deviating. Parts per million.',
        timesMedianPpm: "It must also exceed this many times the network's own median distance. Parts per million.",
        reduceAfterEpochs: 'Consecutive such epochs from which dividends are reduced.',
        reductionPpm: 'How much of the dividends is withheld then. Parts per million.',
        evidenceAfterEpochs: 'Consecutive epochs after which evidence is published; at least reduceAfterEpochs.',
      }),
    )
    .meta({ description: 'Validators that keep deviating from the consensus lose dividends, to nobody.' }),
  [
    {
      rule:
        '!has(self.evidenceAfterEpochs) || !has(self.reduceAfterEpochs)' +
        ' || self.evidenceAfterEpochs >= self.reduceAfterEpochs',
      message: 'evidenceAfterEpochs must be at least reduceAfterEpochs',
      fieldPath: '.evidenceAfterEpochs',
    },
  ],
);

/** What stands around the consensus; a member that is absent is off. */
export const countermeasuresSchema = z
  .object({
    firewall: firewallSchema.optional(),
    assignment: assignmentSchema.optional(),
    boundedScores: boundedScoresSchema.optional(),
    qualityFloor: qualityFloorSchema.optional(),
    incentiveCurve: incentiveCurveSchema.optional(),
    reputation: reputationSchema.optional(),
    deviation: deviationSchema.optional(),
  })
  .meta({
    description:
      'What stands around the consensus against attacks; what is absent is off. Members that are left out of one that is there are the recommended values.',
  });

/** Names of countermeasures that are on, in the order in which they act. */
export const countermeasureNamesSchema = atomicList(
  z
    .enum(['firewall', 'assignment', 'boundedScores', 'qualityFloor', 'incentiveCurve', 'reputation', 'deviation'])
    .meta({ description: 'Name of a countermeasure.' }),
  { max: 7, description: 'Countermeasures that are on, in the order in which they act; absent: none.' },
);
