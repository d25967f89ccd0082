import { account, given, page, pageOf } from './http-parameters.ts';
import type { HttpRoute } from './http-route.ts';

/** What everybody may read of stake that leaves and of slashes. */
export const SLASHING_ROUTES: readonly HttpRoute[] = [
  {
    method: 'GET',
    path: '/v1/accounts/{account}/unbonding',
    summary: 'What of a wallet is unbonding, what it has moved, and whose earnings are staked',
    call: 'listUnbonding',
    parameters: { account },
    request: (asked) => given({ coldkey: asked['account'] }),
  },
  {
    method: 'GET',
    path: '/v1/slashing',
    summary: 'What this network slashes for, and how long stake takes to leave',
    call: 'getSlashingTerms',
    parameters: {},
    request: () => ({}),
  },
  {
    method: 'GET',
    path: '/v1/slashes',
    summary: 'Slashes, the newest report first',
    call: 'listSlashes',
    parameters: {
      ...page,
      netuid: { in: 'query', description: 'Of one subnet', schema: { type: 'integer', maximum: 65_535 } },
      hotkey: { in: 'query', description: 'Of one hotkey', schema: { type: 'string', pattern: '^[A-Za-z0-9]{1,64}$' } },
      openOnly: { in: 'query', description: 'Only those that are not decided', schema: { type: 'boolean' } },
    },
    request: ({ pageSize, pageToken, ...wanted }) => ({ ...given(wanted), page: pageOf({ pageSize, pageToken }) }),
  },
  {
    method: 'GET',
    path: '/v1/slashes/{slashId}',
    summary: 'One slash, with who has voted',
    call: 'getSlash',
    parameters: {
      slashId: { in: 'path', description: 'Id in hex', schema: { type: 'string', pattern: '^[0-9a-f]{64}$' } },
    },
    request: (asked) => ({ slashId: Buffer.from(String(asked['slashId']), 'hex').toString('base64') }),
  },
];
