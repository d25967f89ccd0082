import { z } from 'zod';
import { burnSchema } from './burn.ts';
import { countermeasuresSchema } from './countermeasures.ts';
import {
  atomicList,
  duration,
  integer,
  label,
  listMap,
  money,
  ppm,
  sha256,
  text,
  unionMember,
  withRules,
} from './field.ts';
import { fuelRule, incentiveFunctionSchema } from './incentive-function.ts';
import { timeoutsSchema } from './neuron-fields.ts';
import { commitRevealSchema, immunityRule, missedRevealSchema } from './weights-policy.ts';

const UIDS_MAX = 256;

/** Hyperparameters as the protocol's own integers. No defaults here: the ledger resolves what is absent. */
export const hyperparametersSchema = withRules(
  z
    .object({
      tempo: integer({ min: 10, max: 50_400 }, 'Blocks between two epochs.').optional(),
      yumaVersion: integer({ min: 2, max: 3 }, 'Version of the Yuma consensus.').optional(),
      kappaU16: integer({ min: 0, max: 65_535 }, 'Share of stake that forms the consensus, of 65535.').optional(),
      bondsMovingAveragePpm: integer({ min: 0, max: 975_000 }, 'Smoothing of bonds. Parts per million.').optional(),
      immunityPeriodBlocks: integer({ min: 0, max: 65_535 }, 'Blocks in which a new neuron is not evicted.').optional(),
      maxUids: integer({ min: 1, max: UIDS_MAX }, 'Places in the subnet.').optional(),
      maxValidators: integer({ min: 1, max: UIDS_MAX }, 'Validators that hold a permit.').optional(),
      commitReveal: commitRevealSchema.optional(),
      weightsRateLimitBlocks: integer(
        { min: 0, max: 1_000_000 },
        'Blocks between two rows of one validator where commitReveal is Off.',
      ).optional(),
      missedReveal: missedRevealSchema.optional(),
      burn: burnSchema.optional(),
      evictionNoticeBlocks: integer(
        { min: 1, max: 50_400 },
        'Blocks of warning before a neuron is evicted; absent: who is last goes as soon as a newcomer pays.',
      ).optional(),
    })
    .meta({ description: "The consensus' parameters; absent values are the network's, status shows what holds." }),
  [
    {
      rule: '!has(self.maxValidators) || !has(self.maxUids) || self.maxValidators <= self.maxUids',
      message: 'maxValidators must be at most maxUids',
      fieldPath: '.maxValidators',
    },
    immunityRule('salted'),
    immunityRule('timelock'),
  ],
);

const taskSchema = withRules(
  z
    .object({
      type: z.enum(['QuantileForecast']).meta({ description: 'Kind of task.' }),
      quantileForecast: z
        .object({
          horizonsDays: atomicList(integer({ min: 1, max: 365 }, 'Trading days ahead.'), {
            max: 8,
            description: 'Horizons of the forecast.',
          }).min(1),
          quantiles: integer({ min: 3, max: 99 }, 'Quantiles asked for at each horizon, at levels i/(quantiles+1).'),
        })
        .optional()
        .meta({ description: 'A forecast of log returns by quantiles.' }),
    })
    .meta({ description: 'What miners are asked for.' }),
  [unionMember('QuantileForecast', 'quantileForecast')],
);

const challengesSchema = withRules(
  z
    .object({
      type: z.enum(['Replay']).meta({ description: 'Replay: days of a data set, by the block clock.' }),
      replay: z
        .object({
          dataset: label('Name of the data set.'),
          startDay: z
            .string()
            .max(10)
            .regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/)
            .meta({ description: "Day of the subnet's first block." }),
          daysPerBlock: integer({ min: 1, max: 1000 }, 'Days that pass with each block.'),
        })
        .optional()
        .meta({ description: 'How the data set is walked through.' }),
      perEpoch: integer({ min: 1, max: 1000 }, 'Challenges a validator makes in an epoch.'),
      timeout: duration('Longest wait for an answer.'),
    })
    .meta({ description: 'Where challenges come from.' }),
  [unionMember('Replay', 'replay')],
);

const evaluationSchema = z
  .object({
    scorer: z
      .object({
        type: z.enum(['Crps']).meta({ description: 'Crps: continuous ranked probability score, from quantiles.' }),
      })
      .meta({ description: 'How an answer becomes a score.' }),
    challenges: challengesSchema,
    smoothing: z
      .object({ emaPpm: integer({ min: 1, max: 1_000_000 }, "Weight of the newest day's score. Parts per million.") })
      .meta({ description: 'Moving average over scores.' }),
    copies: z
      .object({ similarityPpm: ppm('Similarity to an answer of the day before from which on it counts as a copy.') })
      .optional()
      .meta({ description: 'When an answer counts as a copy of another.' }),
    rubric: text(2048, 'What is judged, in words for miners.'),
  })
  .meta({ description: 'How answers are judged.' });

const mechanismSchema = z
  .object({
    id: integer({ min: 0, max: 15 }, 'Number of the mechanism, never used again: weights and bonds live under it.'),
    name: label('Name of the mechanism.'),
    emissionWeight: integer(
      { min: 0, max: 65_535 },
      "Share of the subnet's emission, against the other mechanisms. Kept as u16 shares that sum to 65535.",
    ),
    task: taskSchema,
    evaluation: evaluationSchema,
  })
  .meta({ description: 'One task with weights of its own.' });

const modelVersionSchema = z
  .object({
    version: text(64, 'Version as clients write it.').min(1),
    schemaSha256: sha256('Hash of the input and output schema.').optional(),
  })
  .meta({ description: 'One version of a model.' });

const servedModelSchema = z
  .object({
    name: label('Name; the public name is <handle>.<name>.'),
    mechanismId: integer({ min: 0, max: 15 }, 'Mechanism whose miners serve it.'),
    versions: listMap(modelVersionSchema, { key: 'version', max: 16, description: 'Versions on offer.' }).min(1),
  })
  .meta({ description: 'A model that the subnet sells.' });

const servingSchema = z
  .object({
    models: listMap(servedModelSchema, { key: 'name', max: 32, description: 'Models on offer.' }),
    routing: z
      .object({
        preset: z.enum(['Balanced']).meta({ description: 'Balanced: incentive, health and load together.' }),
      })
      .optional()
      .meta({ description: 'How requests choose a miner.' }),
    timeouts: timeoutsSchema.optional(),
  })
  .meta({ description: 'What is served through the gateway.' });

const priceSchema = z
  .object({
    name: label('Name of the price.'),
    model: label('Model that it is for.'),
    unit: z
      .enum(['Request', 'InputToken', 'OutputToken', 'Second', 'Result'])
      .meta({ description: 'What is counted.' }),
    per: integer({ min: 1, max: 1_000_000_000 }, 'Units that the price is for.'),
    price: money('Price of that many units.'),
  })
  .meta({ description: 'One price; prices of a request are summed and rounded up once.' });

const termSchema = z
  .object({
    name: label('Name of the term.'),
    metric: z.enum(['AnswerValid']).meta({ description: 'What is measured.' }),
    verifier: z.enum(['Gateway']).meta({ description: 'Who measures it.' }),
    remedy: z.enum(['Refund']).meta({ description: 'What the buyer gets when it fails.' }),
  })
  .meta({ description: 'One promise to buyers.' });

/** A Subnet's policy: sent to the ledger as a whole, versioned there, in force from the next epoch. */
export const policySchema = withRules(
  z
    .object({
      hyperparameters: hyperparametersSchema.optional(),
      countermeasures: countermeasuresSchema.optional(),
      incentiveFunction: incentiveFunctionSchema.optional(),
      mechanisms: listMap(mechanismSchema, { key: 'id', max: 16, description: 'Tasks of the subnet.' }).min(1),
      serving: servingSchema.optional(),
      pricing: listMap(priceSchema, { key: 'name', max: 64, description: 'Prices.' }).optional(),
      terms: listMap(termSchema, { key: 'name', max: 16, description: 'Promises to buyers.' }).optional(),
    })
    .meta({
      description: 'The rules of the market; the ledger versions them and puts them in force at the next epoch.',
    }),
  [
    {
      rule:
        '!has(self.hyperparameters) || !has(self.hyperparameters.maxUids)' +
        ` || self.hyperparameters.maxUids * size(self.mechanisms) <= ${UIDS_MAX}`,
      message: `maxUids × mechanisms must be at most ${UIDS_MAX}`,
      fieldPath: '.hyperparameters.maxUids',
    },
    fuelRule,
    {
      rule: '!has(self.serving) || self.serving.models.all(m, self.mechanisms.exists(x, x.id == m.mechanismId))',
      message: 'every model must name the id of a mechanism',
      fieldPath: '.serving.models',
    },
    {
      rule: '!has(self.pricing) || (has(self.serving) && self.pricing.all(p, self.serving.models.exists(m, m.name == p.model)))',
      message: 'every price must name a model of serving.models',
      fieldPath: '.pricing',
    },
  ],
);
export type Policy = z.infer<typeof policySchema>;
