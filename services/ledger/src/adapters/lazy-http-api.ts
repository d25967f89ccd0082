import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpApiOptions } from './http-api.ts';

/** The API for people, loaded with its first request: most ledgers are never asked, and it takes more memory than the log. */
export function lazyHttpApi(options: HttpApiOptions): (request: IncomingMessage, response: ServerResponse) => void {
  let loading: Promise<(request: IncomingMessage, response: ServerResponse) => void> | undefined;
  return (request, response) => {
    loading ??= import('./http-api.ts').then(({ makeHttpApi }) => makeHttpApi(options));
    loading.then(
      (serve) => serve(request, response),
      (error: unknown) => {
        loading = undefined;
        options.onFailure(error);
        response.writeHead(500).end();
      },
    );
  };
}
