import type { JsonObject } from '@bufbuild/protobuf';
import { account, count, given, type HttpParameter, type HttpParameters, netuid } from './http-parameters.ts';
import type { HttpRoute } from './http-route.ts';

const blocks: HttpParameter = {
  in: 'query',
  description: 'How far to look ahead; 7200 if not given',
  schema: { type: 'integer', maximum: 2_628_000 },
};
const lookAhead = (asked: HttpParameters): JsonObject => ({
  netuid: Number(asked['netuid']),
  blocks: Number(asked['blocks'] ?? 7200),
});

/** What is to come, reckoned from what is. */
export const PROJECTION_ROUTES: readonly HttpRoute[] = [
  {
    method: 'GET',
    path: '/v1/subnets/{netuid}/projected-emission',
    summary: 'What a subnet gets of the blocks to come',
    call: 'projectEmission',
    parameters: {
      netuid,
      blocks,
      points: { in: 'query', description: 'Evenly spaced, at most 64', schema: { type: 'integer', maximum: 64 } },
    },
    request: (asked) => ({ ...lookAhead(asked), ...given({ points: asked['points'] }) }),
  },
  {
    method: 'GET',
    path: '/v1/subnets/{netuid}/projected-registration',
    summary: 'What registering a miner costs, and when it has earned that',
    call: 'projectRegistration',
    parameters: { netuid, blocks },
    request: lookAhead,
  },
  {
    method: 'GET',
    path: '/v1/subnets/{netuid}/outlook',
    summary: 'What projections of a subnet go by',
    call: 'getOutlook',
    parameters: { netuid },
    request: (asked) => ({ netuid: Number(asked['netuid']) }),
  },
  {
    method: 'GET',
    path: '/v1/subnets/{netuid}/neurons/{hotkey}/projected-stake',
    summary: 'What stake on a neuron earns',
    call: 'projectStake',
    parameters: {
      netuid,
      hotkey: { ...account, description: 'SS58 address of the neuron' },
      coldkey: { ...account, in: 'query', description: 'Whose stake; of somebody who has none there if not given' },
      addRao: count('Rao that it puts there now'),
      blocks,
      restake: { in: 'query', description: 'Whether its owner stakes what it was paid', schema: { type: 'boolean' } },
    },
    request: (asked) => {
      const { hotkey, coldkey, addRao, restake } = asked;
      return { ...lookAhead(asked), ...given({ hotkey, coldkey, addRao, restake }) };
    },
  },
];
