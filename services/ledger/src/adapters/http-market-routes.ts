import { type HttpParameter, account, given, netuid, page, pageOf } from './http-parameters.ts';
import type { HttpRoute } from './http-route.ts';

const address = (description: string): HttpParameter => ({
  in: 'path',
  description,
  schema: { type: 'string', pattern: '^[A-Za-z0-9]{46,48}$' },
});
const hex: HttpParameter['schema'] = { type: 'string', pattern: '^[0-9a-f]{64}$' };

export const MARKET_ROUTES: readonly HttpRoute[] = [
  {
    method: 'GET',
    path: '/v1/subnets',
    summary: 'The markets, ascending',
    call: 'listSubnets',
    parameters: page,
    request: (asked) => ({ page: pageOf(asked) }),
  },
  {
    method: 'GET',
    path: '/v1/subnets/{netuid}',
    summary: 'One subnet: its rules, emission, price of a registration, and how its life stands',
    call: 'getSubnet',
    parameters: { netuid },
    request: (asked) => ({ netuid: Number(asked['netuid']) }),
  },
  {
    method: 'GET',
    path: '/v1/subnets/{netuid}/neurons',
    summary: 'Who is registered in a subnet, by uid',
    call: 'listNeurons',
    parameters: { netuid, ...page },
    request: (asked) => ({ netuid: Number(asked['netuid']), page: pageOf(asked) }),
  },
  {
    method: 'GET',
    path: '/v1/subnets/{netuid}/hotkeys/{hotkey}',
    summary: 'The newest registration of a hotkey, and how it ended where it did',
    call: 'getRegistration',
    parameters: { netuid, hotkey: address('SS58 address of the hotkey') },
    request: (asked) => ({ netuid: Number(asked['netuid']), hotkey: String(asked['hotkey']) }),
  },
  {
    method: 'GET',
    path: '/v1/subnets/{netuid}/epochs/{epoch}/balances/{account}',
    summary: 'What an account had when an epoch was paid, with its proof',
    call: 'getBalanceProof',
    parameters: {
      netuid,
      epoch: {
        in: 'path',
        description: 'Index of a paid epoch',
        schema: { type: 'string', pattern: '^(0|[1-9][0-9]{0,15})$' },
      },
      account,
    },
    request: ({ netuid: subnet, ...asked }) => ({ netuid: Number(subnet), ...given(asked) }),
  },
  {
    method: 'GET',
    path: '/v1/accounts/{account}/sessions/{session}',
    summary: 'What a spending session may, and what it has used',
    call: 'getSession',
    parameters: {
      account: address('SS58 address of the wallet'),
      session: { in: 'path', description: 'Its id: sha256 of what the wallet signed, in hexadecimal', schema: hex },
    },
    request: (asked) => ({
      wallet: String(asked['account']),
      sessionId: Buffer.from(String(asked['session']), 'hex').toString('base64'),
    }),
  },
];
