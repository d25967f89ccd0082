import { createServer, type ServerResponse } from 'node:http';
import { fromUnknown } from './errors.ts';
import { listenHttp } from './http-listener.ts';

/** A text for those who watch the process. */
export interface Page {
  text(): string | Promise<string>;
  readonly contentType: string;
}

export interface HealthOptions {
  /** 9464 in the cluster; 0 picks a free one. */
  readonly port: number;
  readonly host?: string;
  /** True, or why no traffic should come yet. */
  readonly ready: () => true | string | Promise<true | string>;
  readonly metrics: Page;
  /** More pages by path. They tell nothing before the process is ready: half an answer would be taken for the whole. */
  readonly pages?: Readonly<Record<string, Page>>;
}

/** Serves /healthz (the event loop turns), /readyz (200, or 503 with the reason), /metrics and the pages given. */
export async function serveHealth(options: HealthOptions): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createServer((request, response) => {
    answer(request.url ?? '/', response, options).catch((error: unknown) => {
      reply(response, 500, fromUnknown(error).message);
    });
  });
  return await listenHttp(server, options);
}

async function answer(url: string, response: ServerResponse, options: HealthOptions): Promise<void> {
  const path = url.split('?', 1)[0] ?? '/';
  switch (path) {
    case '/healthz':
      return reply(response, 200, 'ok');
    case '/readyz': {
      const ready = await options.ready();
      return ready === true ? reply(response, 200, 'ready') : reply(response, 503, ready);
    }
    case '/metrics':
      return await show(response, options.metrics);
    default:
      return await answerPage(path, response, options);
  }
}

async function answerPage(path: string, response: ServerResponse, options: HealthOptions): Promise<void> {
  const { pages = {} } = options;
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  if (page === undefined) {
    const known = ['/healthz', '/readyz', '/metrics', ...Object.keys(pages)];
    return reply(response, 404, `this port knows ${known.join(', ')}`);
  }
  const ready = await options.ready();
  if (ready !== true) return reply(response, 503, ready);
  await show(response, page);
}

async function show(response: ServerResponse, page: Page): Promise<void> {
  const text = await page.text();
  response.writeHead(200, { 'content-type': page.contentType }).end(text);
}

function reply(response: ServerResponse, code: number, text: string): void {
  response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}
