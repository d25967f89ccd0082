import { OutageError } from '@subnetes/runtime/errors';
import type { Logger } from '@subnetes/telemetry/logger';
import type { Metrics } from '@subnetes/telemetry/metrics';
import { fastify as makeFastify, type FastifyInstance, type FastifyReply } from 'fastify';
import type { makeListInvoices } from '../application/list-invoices.ts';
import type { KeyStore } from '../application/ports.ts';
import { invoiceJson } from './invoice-wire.ts';
import { accountOfKey } from './key-text.ts';

export interface HttpAppDeps {
  readonly listInvoices: ReturnType<typeof makeListInvoices>;
  readonly store: Pick<KeyStore, 'readKeys'>;
  readonly metrics: Metrics;
  readonly log: Logger;
}

interface InvoiceQuery {
  readonly pageSize?: string;
  readonly pageToken?: string;
}

const BODY_BYTES_MAX = 1024;

/** Billing's REST side: an API key sees the invoices of its own account. */
export function makeHttpApp(deps: HttpAppDeps): FastifyInstance {
  const app = makeFastify({ logger: false, bodyLimit: BODY_BYTES_MAX });
  app.get<{ Querystring: InvoiceQuery }>('/v1/invoices', async (request, reply) => {
    const account = await accountOfKey(request.headers.authorization, deps.store);
    if (account === undefined) {
      void reply.header('www-authenticate', 'Bearer');
      return refuse(reply, 401, {
        code: 'invalid_api_key',
        message: 'send a valid API key: authorization: Bearer <key>',
      });
    }
    const { pageSize = '0', pageToken = '' } = request.query;
    const size = /^[0-9]{1,6}$/.test(pageSize) ? Number(pageSize) : -1;
    const found = await deps.listInvoices(account, { size, token: pageToken });
    if (!found.ok) return refuse(reply, 400, { code: 'invalid_request', message: found.message });
    const { invoices, nextPageToken } = found.value;
    return reply.send({ invoices: invoices.map(invoiceJson), nextPageToken });
  });
  app.addHook('onResponse', async (request, reply) => {
    const labels = {
      http_request_method: request.method,
      http_route: request.routeOptions.url ?? 'unknown',
      http_response_status_code: String(reply.statusCode),
    };
    deps.metrics.observe('http_server_request_duration_seconds', labels, reply.elapsedTime / 1000);
  });
  app.setNotFoundHandler(async (_request, reply) =>
    refuse(reply, 404, { code: 'not_found', message: 'this port knows GET /v1/invoices' }),
  );
  app.setErrorHandler(async (error, _request, reply) => {
    if (error instanceof OutageError) {
      return refuse(reply, 503, { code: 'unavailable', message: 'the database does not answer, try again' });
    }
    const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
    if (typeof status === 'number' && status >= 400 && status < 500) {
      return refuse(reply, status, { code: 'invalid_request', message: 'the request is malformed' });
    }
    deps.log.error({ err: error }, 'a request failed');
    return refuse(reply, 500, { code: 'internal', message: 'billing failed; it has logged why' });
  });
  return app;
}

function refuse(
  reply: FastifyReply,
  status: number,
  error: { readonly code: string; readonly message: string },
): FastifyReply {
  return reply
    .code(status)
    .send({ error: { ...error, type: status === 401 ? 'authentication' : 'billing', param: null } });
}
