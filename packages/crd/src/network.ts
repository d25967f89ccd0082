import { z } from 'zod';
import { conditionsSchema } from './conditions.ts';
import { amount, block, duration, hashId, integer, money, text } from './field.ts';
import type { KindDefinition } from './kind-definition.ts';

const statusSchema = z
  .object({
    observedGeneration: block('Generation of the object that the operator acted on.').optional(),
    networkId: hashId('Hash of the genesis: two networks never share it.').optional(),
    token: z
      .object({
        symbol: text(16, 'Symbol.').min(1),
        decimals: integer({ min: 0, max: 18 }, 'Digits after the point.'),
        cap: money('Most that will ever be issued.'),
      })
      .optional()
      .meta({ description: 'The token.' }),
    issued: amount('What was issued up to the newest paid epoch.').optional(),
    blockTime: duration('Time between two blocks.').optional(),
    emissionPolicy: z
      .object({
        name: text(64, 'Name of the policy.').min(1),
        version: integer({ min: 1, max: 2_147_483_647 }, 'Version of the policy.'),
      })
      .optional()
      .meta({ description: 'How the emission is split between subnets.' }),
    conditions: conditionsSchema.optional(),
  })
  .meta({ description: 'What the operator observed at the ledger.' });

export const networkSchema = z
  .object({ status: statusSchema.optional() })
  .meta({ description: 'The network that this cluster takes part in; one object, written by the operator.' });

export type NetworkStatus = z.infer<typeof statusSchema>;

export const networkDefinition: KindDefinition = {
  kind: 'Network',
  plural: 'networks',
  singular: 'network',
  shortNames: [],
  scope: 'Cluster',
  schema: networkSchema,
  selectableFields: [],
  columns: [
    { name: 'Token', type: 'string', jsonPath: '.status.token.symbol', description: 'Symbol of the token.' },
    { name: 'Block', type: 'string', jsonPath: '.status.blockTime', description: 'Time between two blocks.' },
    { name: 'Emission', type: 'string', jsonPath: '.status.emissionPolicy.name', description: 'Emission policy.' },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status', description: 'Ready.' },
    { name: 'Network', type: 'string', jsonPath: '.status.networkId', description: 'Network id.', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age of the object.' },
  ],
};
