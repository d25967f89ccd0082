import { type HttpParameter, netuid } from './http-parameters.ts';
import type { HttpRoute } from './http-route.ts';

const wallet = (description: string): HttpParameter => ({
  in: 'path',
  description,
  schema: { type: 'string', pattern: '^[A-Za-z0-9]{46,48}$' },
});

export const KEY_ROUTES: readonly HttpRoute[] = [
  {
    method: 'GET',
    path: '/v1/accounts/{account}/mandates/{sha256}',
    summary: 'How much of a mandate is used, and whether it was revoked',
    call: 'getMandateUse',
    parameters: {
      account: wallet('SS58 address of the payer'),
      sha256: {
        in: 'path',
        description: 'Name of the mandate: sha256 of its text, in hexadecimal',
        schema: { type: 'string', pattern: '^[0-9a-f]{64}$' },
      },
    },
    request: ({ account, sha256 }) => ({
      payer: String(account),
      mandateSha256: Buffer.from(String(sha256), 'hex').toString('base64'),
    }),
  },
  {
    method: 'GET',
    path: '/v1/accounts/{account}/swap',
    summary: 'Whether a coldkey has announced that another follows it',
    call: 'getColdkeySwap',
    parameters: { account: wallet('SS58 address of the coldkey') },
    request: ({ account }) => ({ coldkey: String(account) }),
  },
  {
    method: 'GET',
    path: '/v1/subnets/{netuid}/admissions',
    summary: 'Who asked to register in a subnet whose owner approves it, and who may',
    call: 'listAdmissions',
    parameters: { netuid },
    request: (asked) => ({ netuid: Number(asked['netuid']) }),
  },
  {
    method: 'GET',
    path: '/v1/subnets/{netuid}/hotkeys/{hotkey}/lineage',
    summary: 'Parents and children of a hotkey, and the stake by which it counts',
    call: 'getLineage',
    parameters: { netuid, hotkey: wallet('SS58 address of the hotkey') },
    request: (asked) => ({ netuid: Number(asked['netuid']), hotkey: String(asked['hotkey']) }),
  },
];
