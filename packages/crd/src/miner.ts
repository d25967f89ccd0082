import { z } from 'zod';
import { conditionsSchema } from './conditions.ts';
import {
  amount,
  atomicList,
  block,
  hashId,
  integer,
  label,
  listMap,
  sha256,
  ss58,
  text,
  uid,
  unionMember,
  withRules,
} from './field.ts';
import type { KindDefinition } from './kind-definition.ts';
import {
  neuronNameRule,
  neuronSpecFields,
  neuronSpecRules,
  neuronWishFields,
  replicasSchema,
} from './neuron-fields.ts';

const modelSourceSchema = withRules(
  z
    .object({
      type: z.enum(['ConfigMap']).meta({ description: 'ConfigMap: a key of a ConfigMap in the same namespace.' }),
      configMap: z
        .object({
          name: label('Name of the ConfigMap.'),
          key: text(253, 'Key that holds the file.').regex(/^[-._a-zA-Z0-9]+$/),
        })
        .optional()
        .meta({ description: 'Where the file is.' }),
    })
    .meta({ description: 'Where the model comes from.' }),
  [unionMember('ConfigMap', 'configMap')],
);

const modelSchema = z
  .object({
    format: z.enum(['Onnx', 'Script']).meta({
      description: 'Onnx: a graph that ONNX Runtime runs. Script: answers by rule, from a JSON file, for drills.',
    }),
    sha256: sha256('Hash of the file; the miner refuses any other.'),
    source: modelSourceSchema,
  })
  .meta({ description: 'The model that answers.' });

const servesSchema = z
  .object({
    mechanismId: integer({ min: 0, max: 15 }, 'Mechanism that it competes in.'),
    model: modelSchema,
  })
  .meta({ description: 'One mechanism with the model that serves it.' });

const specSchema = withRules(
  z
    .object({
      ...neuronSpecFields,
      replicas: replicasSchema,
      serves: listMap(servesSchema, {
        key: 'mechanismId',
        max: 16,
        description: 'What the miner serves; a managed miner needs one entry at least.',
      }).optional(),
      capacity: z
        .object({ maxInFlight: integer({ min: 1, max: 65_535 }, 'Requests that one replica works on at once.') })
        .optional()
        .meta({ description: 'What one replica can carry.' }),
    })
    .meta({ description: 'What the owner wants of this miner.' }),
  [
    ...neuronSpecRules,
    {
      rule: "(has(self.runtime) && self.runtime.type == 'External') || (has(self.serves) && size(self.serves) >= 1)",
      message: 'serves needs at least 1 entry when runtime.type is Managed',
      fieldPath: '.serves',
    },
  ],
);

const statusSchema = z
  .object({
    observedGeneration: block('Generation of the spec that the operator acted on.').optional(),
    registrationId: hashId('Id of the registration.').optional(),
    uid: uid('Uid in the subnet.').optional(),
    hotkey: ss58('Address of the hotkey.').optional(),
    ...neuronWishFields,
    endpoint: text(512, 'Address that the miner announced.').optional(),
    replicas: integer({ min: 0, max: 65_535 }, 'Pods that exist.').optional(),
    selector: text(512, 'Label selector of the pods, for the scale subresource.').optional(),
    incentive: text(16, 'Incentive of the last epoch, of 1.').optional(),
    earnedPerDay: amount('What the last epoch paid this miner, projected to a day.').optional(),
    earnedPerDayText: text(32, 'The projection in whole tokens, for the column.').optional(),
    lastEpoch: z
      .object({
        index: block('Number of the epoch.'),
        earned: amount('What it paid this miner.'),
      })
      .optional()
      .meta({ description: 'The newest paid epoch.' }),
    why: atomicList(text(512, 'One sentence.'), {
      max: 8,
      description: 'Why the miner earns what it earns, the most important first.',
    }).optional(),
    conditions: conditionsSchema.optional(),
  })
  .meta({ description: 'What the operator observed.' });

export const minerSchema = withRules(
  z
    .object({ spec: specSchema, status: statusSchema.optional() })
    .meta({ description: 'One miner: a registered hotkey that answers with a model.' }),
  [neuronNameRule],
);

export type MinerSpec = z.infer<typeof specSchema>;
export type MinerStatus = z.infer<typeof statusSchema>;

export const minerDefinition: KindDefinition = {
  kind: 'Miner',
  plural: 'miners',
  singular: 'miner',
  shortNames: ['mnr'],
  scope: 'Namespaced',
  schema: minerSchema,
  selectableFields: ['.spec.subnetRef.name', '.spec.subnetRef.namespace', '.status.hotkey'],
  scale: {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.status.selector',
  },
  columns: [
    { name: 'Subnet', type: 'string', jsonPath: '.spec.subnetRef.name', description: 'Subnet.' },
    { name: 'UID', type: 'integer', jsonPath: '.status.uid', description: 'Uid in the subnet.' },
    { name: 'Incentive', type: 'string', jsonPath: '.status.incentive', description: 'Of 1.' },
    { name: 'Earned/Day', type: 'string', jsonPath: '.status.earnedPerDayText', description: 'Projected.' },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status', description: 'Ready.' },
    {
      name: 'Earning',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Earning")].reason',
      description: 'Whether it earns, or why not.',
    },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age of the object.' },
  ],
};
