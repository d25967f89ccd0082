import { z } from 'zod';
import { conditionsSchema } from './conditions.ts';
import { countermeasureNamesSchema } from './countermeasures.ts';
import {
  amount,
  block,
  integer,
  label,
  money,
  listMap,
  netuid,
  setOnce,
  hashId,
  sha256,
  text,
  withRules,
} from './field.ts';
import { mandateRefSchema, neuronTemplateSchema, onNoticeSchema } from './neuron-fields.ts';
import { policySchema } from './policy.ts';
import type { KindDefinition } from './kind-definition.ts';

const selectorSchema = z
  .object({
    matchLabels: z
      .record(z.string(), z.string().max(63).meta({ description: 'Value of the label.' }))
      .meta({ description: 'Labels that a namespace must carry.', maxProperties: 16 }),
  })
  .meta({ description: 'Namespaces by label.' });

const allowedNamespacesSchema = withRules(
  z
    .object({
      from: z.enum(['Same', 'All', 'Selector']).meta({ description: 'Same: this namespace alone. All: every one.' }),
      selector: selectorSchema.optional(),
    })
    .meta({ description: 'Whose Miners and Validators may refer to this subnet; absent: this namespace alone.' }),
  [
    {
      rule: "(self.from == 'Selector') == has(self.selector)",
      message: 'selector must be set exactly when from is Selector',
      fieldPath: '.selector',
    },
  ],
);

const specSchema = withRules(
  z
    .object({
      handle: label('Name in the network, unique there; public model names are <handle>.<model>.'),
      netuid: netuid('Number of an existing subnet to adopt.').optional(),
      mandateRef: mandateRefSchema,
      deletionPolicy: z.enum(['Retain', 'Dissolve']).optional().meta({
        description:
          'Retain: the market goes on without this object. Dissolve: its end is announced, and pays everybody out.',
      }),
      creation: z
        .object({ maxCost: money('Highest cost of creating the subnet that is locked.').optional() })
        .optional()
        .meta({ description: 'What a new subnet may cost, where the network sells them.' }),
      onNotice: onNoticeSchema('Keep', 'keep', {
        what: 'what the newcomer has locked is locked as well, and the subnet stays',
        cost: 'Most that is locked to stay, each time.',
      }).optional(),
      suspend: z.boolean().optional().meta({ description: 'Stops reconciling, never the market.' }),
      registration: z
        .object({
          type: z.enum(['Open', 'Closed', 'Approval', 'Sponsored']).meta({
            description:
              'Open: anyone may register. Closed: nobody. Approval: whom the owner invites or approves. Sponsored: whom the owner pays.',
          }),
        })
        .optional()
        .meta({ description: 'Who may register.' }),
      emission: z
        .enum(['Started', 'Held'])
        .optional()
        .meta({ description: 'Started: the subnet takes part in the emission. Held: it does not.' }),
      allowedNamespaces: allowedNamespacesSchema.optional(),
      policy: policySchema,
      minerTemplate: neuronTemplateSchema('miners').optional(),
      validatorTemplate: neuronTemplateSchema('validators').optional(),
    })
    .meta({ description: 'What the owner wants of this market.' }),
  [setOnce('handle'), setOnce('netuid')],
);

const count = (description: string) => integer({ min: 0, max: 65_535 }, description);

const policyStatusSchema = z
  .object({
    active: z
      .object({
        version: integer({ min: 1, max: 2_147_483_647 }, 'Version of the policy.'),
        sha256: sha256('Hash of the policy as the ledger resolved it.'),
        commitReveal: z
          .enum(['Off', 'Salted', 'Timelock'])
          .optional()
          .meta({ description: 'How weights are submitted under it.' }),
        countermeasures: countermeasureNamesSchema.optional(),
        incentiveFunction: sha256('Hash of the module that divides incentives under it; absent: none.').optional(),
      })
      .optional()
      .meta({ description: 'The policy in force.' }),
    pending: z
      .object({
        version: integer({ min: 1, max: 2_147_483_647 }, 'Version of the policy.'),
        effectiveEpoch: block('Epoch from which on it holds.'),
      })
      .optional()
      .meta({ description: 'A policy that waits for the next epoch.' }),
  })
  .meta({ description: 'Versions of the policy at the ledger.' });

const statusSchema = z
  .object({
    netuid: netuid('Number of the subnet.').optional(),
    registrationId: hashId('Id of the subnet in the ledger.').optional(),
    observedGeneration: block('Generation of the spec that the operator acted on.').optional(),
    policy: policyStatusSchema.optional(),
    epoch: z
      .object({
        index: block('Newest epoch that was paid.'),
        block: block('Block at which it was sealed.'),
        nextBlock: block('Block at which the next is due.'),
        lastPaid: block('Newest epoch that was paid.'),
        inputsSha256: sha256("Hash of that epoch's inputs.").optional(),
      })
      .optional()
      .meta({ description: 'Where the market stands; written once an epoch at most.' }),
    neurons: z
      .object({
        registered: count('Uids in use.'),
        miners: count('Neurons without a permit.'),
        validators: count('Neurons with a permit.'),
        capacity: count('Places.'),
        summary: text(16, 'Registered and capacity, for the column.'),
      })
      .optional()
      .meta({ description: 'Who takes part.' }),
    emission: z
      .object({
        lastEpoch: amount('What the last epoch paid.'),
        perDay: amount('The same, projected to a day at the present block time.'),
        perDayText: text(32, 'The projection in whole tokens, for the column.'),
      })
      .optional()
      .meta({ description: 'What the subnet is paid.' }),
    registrationCost: amount('What registering costs now.').optional(),
    health: z
      .object({
        score: integer({ min: 0, max: 100 }, 'Lowest-weighted mean of the parts, 100 is well.'),
        parts: listMap(
          z
            .object({
              name: text(64, 'Name of the part.').min(1),
              score: integer({ min: 0, max: 100 }, 'Score of the part.'),
            })
            .meta({ description: 'One part of the score.' }),
          { key: 'name', max: 16, description: 'What the score is made of.' },
        ),
      })
      .optional()
      .meta({ description: 'How well the market runs.' }),
    conditions: conditionsSchema.optional(),
  })
  .meta({ description: 'What the operator observed.' });

export const subnetSchema = z
  .object({ spec: specSchema, status: statusSchema.optional() })
  .meta({ description: 'One market: its task, its scoring, its emission and what it sells.' });

/** `subnet.spec` as written by users. */
export type SubnetSpec = z.infer<typeof specSchema>;
export type SubnetStatus = z.infer<typeof statusSchema>;

export const subnetDefinition: KindDefinition = {
  kind: 'Subnet',
  plural: 'subnets',
  singular: 'subnet',
  shortNames: ['sn'],
  scope: 'Namespaced',
  schema: subnetSchema,
  selectableFields: ['.status.netuid'],
  columns: [
    { name: 'Netuid', type: 'integer', jsonPath: '.status.netuid', description: 'Number of the subnet.' },
    { name: 'Neurons', type: 'string', jsonPath: '.status.neurons.summary', description: 'Uids in use of all.' },
    { name: 'Epoch', type: 'integer', jsonPath: '.status.epoch.index', description: 'Newest paid epoch.' },
    { name: 'Next', type: 'integer', jsonPath: '.status.epoch.nextBlock', description: 'Block of the next epoch.' },
    { name: 'Emission/Day', type: 'string', jsonPath: '.status.emission.perDayText', description: 'Projected.' },
    { name: 'Health', type: 'integer', jsonPath: '.status.health.score', description: '100 is well.' },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status', description: 'Ready.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age of the object.' },
  ],
};
