import {
  SessionBatchSchema,
  SessionDocumentSchema,
  WalletOrderSchema,
} from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { HttpRoute } from './http-route.ts';

/** What wallets sign, and what it would do. */
export const SIGNED_ROUTES: readonly HttpRoute[] = [
  {
    method: 'POST',
    path: '/v1/order-previews',
    summary: 'What an order would do if a wallet signed it; nothing is changed',
    call: 'previewOrder',
    parameters: {},
    request: () => ({}),
  },
  {
    method: 'POST',
    path: '/v1/session-batch-previews',
    summary: 'What a batch would do if the key of a session signed it; nothing is changed',
    call: 'previewSessionBatch',
    parameters: {},
    request: () => ({}),
  },
  {
    method: 'POST',
    path: '/v1/orders',
    summary: 'Carries out what a wallet signed',
    call: 'submitOrder',
    signs: WalletOrderSchema,
    parameters: {},
    request: () => ({}),
  },
  {
    method: 'POST',
    path: '/v1/sessions',
    summary: 'Opens a spending session that a wallet signed',
    call: 'openSession',
    signs: SessionDocumentSchema,
    parameters: {},
    request: () => ({}),
  },
  {
    method: 'POST',
    path: '/v1/session-batches',
    summary: 'Carries out orders that a session key signed: all of them or none',
    call: 'submitSessionBatch',
    signs: SessionBatchSchema,
    parameters: {},
    request: () => ({}),
  },
];
