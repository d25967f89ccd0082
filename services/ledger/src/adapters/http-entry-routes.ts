import { account, count, given, type HttpParameter, page } from './http-parameters.ts';
import type { HttpRoute } from './http-route.ts';

const sequence: HttpParameter = {
  in: 'path',
  description: 'Number of the entry, from 1',
  schema: { type: 'string', pattern: '^[1-9][0-9]{0,15}$' },
};

export const ENTRY_ROUTES: readonly HttpRoute[] = [
  {
    method: 'GET',
    path: '/v1/entries',
    summary: 'Entries of the journal, in order',
    call: 'listEntries',
    parameters: {
      afterSequence: count('Number of the entry before the first; from the beginning if not given'),
      limit: { ...page.pageSize },
      account: { ...account, in: 'query', description: 'Only those that moved something on this account' },
    },
    request: (asked) => given(asked),
  },
  {
    method: 'GET',
    path: '/v1/entries/{sequence}',
    summary: 'One entry of the journal',
    call: 'listEntries',
    parameters: { sequence },
    first: 'entries',
    request: (asked) => ({ afterSequence: String(BigInt(String(asked['sequence'])) - 1n), limit: 1 }),
  },
  {
    method: 'GET',
    path: '/v1/entries/{sequence}/proof',
    summary: 'That the newest checkpoint covers an entry',
    call: 'getInclusionProof',
    parameters: { sequence },
    request: (asked) => given({ sequence: asked['sequence'] }),
  },
  {
    method: 'GET',
    path: '/v1/checkpoint',
    summary: 'The newest signed checkpoint',
    call: 'getCheckpoint',
    parameters: {},
    request: () => ({}),
  },
  {
    method: 'GET',
    path: '/v1/consistency',
    summary: 'That a newer tree continues an older one',
    call: 'getConsistencyProof',
    parameters: { firstSize: count('Entries of the older tree'), secondSize: count('Entries of the newer tree') },
    request: (asked) => given(asked),
  },
];
