import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { fromUnknown } from './errors.ts';

export interface HealthOptions {
  /** 9464 in the cluster; 0 picks a free one. */
  readonly port: number;
  readonly host?: string;
  /** True, or why no traffic should come yet. */
  readonly ready: () => true | string | Promise<true | string>;
  readonly metrics: { text(): Promise<string>; readonly contentType: string };
}

/** Serves /healthz (the event loop turns), /readyz (200, or 503 with the reason) and /metrics. */
export async function serveHealth(options: HealthOptions): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createServer((request, response) => {
    answer(request.url ?? '/', response, options).catch((error: unknown) => {
      reply(response, 500, fromUnknown(error).message);
    });
  });
  server.listen(options.port, options.host ?? '0.0.0.0');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the health server has no port');
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function answer(url: string, response: ServerResponse, options: HealthOptions): Promise<void> {
  switch (url.split('?', 1)[0] ?? '/') {
    case '/healthz':
      return reply(response, 200, 'ok');
    case '/readyz': {
      const ready = await options.ready();
      return ready === true ? reply(response, 200, 'ready') : reply(response, 503, ready);
    }
    case '/metrics': {
      const text = await options.metrics.text();
      response.writeHead(200, { 'content-type': options.metrics.contentType }).end(text);
      return;
    }
    default:
      return reply(response, 404, 'this port knows /healthz, /readyz and /metrics');
  }
}

function reply(response: ServerResponse, code: number, text: string): void {
  response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}
