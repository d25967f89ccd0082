import { z } from 'zod';
import { conditionsSchema } from './conditions.ts';
import { amount, block, hashId, integer, ss58, text, uid, withRules } from './field.ts';
import type { KindDefinition } from './kind-definition.ts';
import { neuronNameRule, neuronSpecFields, neuronSpecRules, neuronWishFields } from './neuron-fields.ts';

const specSchema = withRules(
  z
    .object({
      ...neuronSpecFields,
      evaluation: z
        .object({
          sampleSize: integer({ min: 1, max: 256 }, 'Miners that are asked in one challenge at most.').optional(),
          auditOneIn: integer(
            { min: 1, max: 10_000 },
            'One answer in so many is asked for twice; another answer to the same question is a failed audit.',
          ).optional(),
        })
        .optional()
        .meta({ description: 'How this validator judges.' }),
    })
    .meta({ description: 'What the owner wants of this validator.' }),
  [...neuronSpecRules],
);

const statusSchema = z
  .object({
    observedGeneration: block('Generation of the spec that the operator acted on.').optional(),
    registrationId: hashId('Id of the registration.').optional(),
    uid: uid('Uid in the subnet.').optional(),
    hotkey: ss58('Address of the hotkey.').optional(),
    ...neuronWishFields,
    permit: z.boolean().optional().meta({ description: 'Whether its weights count.' }),
    stake: amount('Stake behind the hotkey.').optional(),
    stakeText: text(32, 'The stake in whole tokens, for the column.').optional(),
    validatorTrust: text(16, 'Share of its weights that the consensus left, of 1.').optional(),
    dividends: text(16, 'Dividends of the last epoch, of 1.').optional(),
    lastEpoch: z
      .object({ index: block('Number of the epoch.'), earned: amount('What it paid this validator.') })
      .optional()
      .meta({ description: 'The newest paid epoch.' }),
    weights: z
      .object({
        state: z
          .enum(['None', 'Committed', 'Revealed', 'Missed', 'Set'])
          .meta({ description: 'What became of the newest weights that are due.' }),
        block: block('Block of the newest weights that counted.').optional(),
        reason: text(64, 'Code of why they were missed.').optional(),
      })
      .optional()
      .meta({ description: 'Its weights.' }),
    conditions: conditionsSchema.optional(),
  })
  .meta({ description: 'What the operator observed.' });

export const validatorSchema = withRules(
  z
    .object({ spec: specSchema, status: statusSchema.optional() })
    .meta({ description: 'One validator: a registered hotkey with stake that judges miners.' }),
  [neuronNameRule],
);

export type ValidatorSpec = z.infer<typeof specSchema>;
export type ValidatorStatus = z.infer<typeof statusSchema>;

export const validatorDefinition: KindDefinition = {
  kind: 'Validator',
  plural: 'validators',
  singular: 'validator',
  shortNames: ['vld'],
  scope: 'Namespaced',
  schema: validatorSchema,
  selectableFields: ['.spec.subnetRef.name', '.spec.subnetRef.namespace', '.status.hotkey'],
  columns: [
    { name: 'Subnet', type: 'string', jsonPath: '.spec.subnetRef.name', description: 'Subnet.' },
    { name: 'UID', type: 'integer', jsonPath: '.status.uid', description: 'Uid in the subnet.' },
    { name: 'Permit', type: 'boolean', jsonPath: '.status.permit', description: 'Whether its weights count.' },
    { name: 'Stake', type: 'string', jsonPath: '.status.stakeText', description: 'Stake.' },
    { name: 'Trust', type: 'string', jsonPath: '.status.validatorTrust', description: 'Of 1.' },
    { name: 'Dividends', type: 'string', jsonPath: '.status.dividends', description: 'Of 1.' },
    { name: 'Weights', type: 'string', jsonPath: '.status.weights.state', description: 'State of its weights.' },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status', description: 'Ready.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age of the object.' },
  ],
};
