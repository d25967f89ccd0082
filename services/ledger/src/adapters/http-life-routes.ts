import { given, netuid } from './http-parameters.ts';
import type { HttpRoute } from './http-route.ts';

/** Lives of neurons and subnets. */
export const LIFE_ROUTES: readonly HttpRoute[] = [
  {
    method: 'GET',
    path: '/v1/subnets/{netuid}/eviction-order',
    summary: 'Who of a subnet is evicted next, and why',
    call: 'listEvictionOrder',
    parameters: { netuid },
    request: (asked) => given({ netuid: Number(asked['netuid']) }),
  },
  {
    method: 'GET',
    path: '/v1/subnets/{netuid}/pending-evictions',
    summary: 'Newcomers that wait, and the neurons that have notice for them',
    call: 'listPendingEvictions',
    parameters: { netuid },
    request: (asked) => given({ netuid: Number(asked['netuid']) }),
  },
  {
    method: 'GET',
    path: '/v1/subnet-creation-cost',
    summary: 'What a subnet costs now',
    call: 'getCreationCost',
    parameters: {},
    request: () => ({}),
  },
];
