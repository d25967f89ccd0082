import { type HttpParameter, given, netuid } from './http-parameters.ts';
import type { HttpRoute } from './http-route.ts';

const units = (description: string): HttpParameter => ({
  in: 'query',
  description,
  schema: { type: 'string', pattern: '^[0-9]{1,20}$' },
});

/** Pools of subnets' tokens. */
export const POOL_ROUTES: readonly HttpRoute[] = [
  {
    method: 'GET',
    path: '/v1/pools',
    summary: 'Pools of subnets’ tokens: reserves, prices, issuance',
    call: 'listPools',
    parameters: {},
    request: () => ({}),
  },
  {
    method: 'GET',
    path: '/v1/pools/{netuid}',
    summary: 'The pool of one subnet',
    call: 'getPool',
    parameters: { netuid },
    request: (asked) => ({ netuid: Number(asked['netuid']) }),
  },
  {
    method: 'GET',
    path: '/v1/pools/{netuid}/quote',
    summary: 'What a swap would do at this moment',
    call: 'quoteSwap',
    parameters: {
      netuid,
      side: { in: 'query', description: 'buy or sell', schema: { type: 'string', pattern: '^(buy|sell)$' } },
      amount: units('What the trader gives, fee included: rao to buy, units of the token to sell'),
      minOut: units('The least that it has to bring'),
      limitPriceRao: units('Rao for one whole token'),
      allowPartial: { in: 'query', description: 'At the limit price the rest is kept', schema: { type: 'boolean' } },
    },
    request: ({ netuid: subnet, side, ...asked }) => ({
      netuid: Number(subnet),
      ...(side === undefined ? {} : { side: side === 'buy' ? 'SWAP_SIDE_BUY' : 'SWAP_SIDE_SELL' }),
      ...given(asked),
    }),
  },
  {
    method: 'GET',
    path: '/v1/accounts/{account}/tokens',
    summary: 'Tokens of subnets that an account has',
    call: 'listHoldings',
    parameters: {
      account: {
        in: 'path',
        description: 'SS58 address, or the name of an account of the system',
        schema: { type: 'string', pattern: '^[A-Za-z0-9:-]{1,160}$' },
      },
    },
    request: (asked) => given({ account: asked['account'] }),
  },
];
