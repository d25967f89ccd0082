import { given } from './http-parameters.ts';
import type { HttpRoute } from './http-route.ts';

/** What everybody may read of stake on root. */
export const ROOT_ROUTES: readonly HttpRoute[] = [
  {
    method: 'GET',
    path: '/v1/root/{hotkey}',
    summary: 'What is staked on root behind a hotkey, and where it counts',
    call: 'getRootStake',
    parameters: {
      hotkey: { in: 'path', description: 'SS58 address', schema: { type: 'string', pattern: '^[A-Za-z0-9]{1,64}$' } },
    },
    request: (asked) => given({ hotkey: asked['hotkey'] }),
  },
];
