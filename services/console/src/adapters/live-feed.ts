import type { ServerResponse } from 'node:http';
import type { Market } from '#application/read-market.ts';
import type { ErrorView, NetworkView } from '#domain/views.ts';

/** Pages that may listen at a time; one more is refused with 503. */
export const LISTENERS_MAX = 128;

/** One reading a second serves all pages, whatever the block time. */
const READ_EVERY_MS = 1000;
const READ_DEADLINE_MS = 5000;
/** A proxy closes what is silent; a comment line keeps the stream open. */
const KEEP_ALIVE_MS = 15_000;

/** Sends the network to every listening page whenever its block or its subnets have changed. */
export interface LiveFeed extends Disposable {
  /** Takes the answer over and writes events until the page goes; false when there are too many. */
  add(response: ServerResponse): boolean;
}

/** Reads the market only while a page listens. `onTrouble` gets each failed reading once, for the log. */
export function startLiveFeed({
  market,
  onTrouble,
}: {
  market: Market;
  onTrouble: (cause: unknown) => void;
}): LiveFeed {
  const listeners = new Set<ServerResponse>();
  let last = '';
  let isReading = false;
  let sentAt = Date.now();

  const send = (text: string): void => {
    sentAt = Date.now();
    for (const listener of listeners) listener.write(text); // a page that does not read is cut by its socket's timeout
  };
  const read = async (): Promise<void> => {
    if (listeners.size === 0 || isReading) return;
    isReading = true;
    try {
      const text = eventText('network', await market.network(AbortSignal.timeout(READ_DEADLINE_MS)));
      if (text !== last) send(text);
      else if (Date.now() - sentAt > KEEP_ALIVE_MS) send(': still here\n\n');
      last = text;
    } catch (cause) {
      if (last !== '') onTrouble(cause);
      last = '';
      send(eventText('trouble', troubleView(cause)));
    } finally {
      isReading = false;
    }
  };
  const timer = setInterval(() => void read(), READ_EVERY_MS);
  timer.unref();

  return {
    add(response) {
      if (listeners.size >= LISTENERS_MAX) return false;
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        connection: 'keep-alive',
      });
      response.write(last === '' ? ': hello\n\n' : last);
      listeners.add(response);
      response.on('close', () => listeners.delete(response));
      void read();
      return true;
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      for (const listener of listeners) listener.end();
    },
  };
}

function eventText(event: 'network' | 'trouble', value: NetworkView | ErrorView): string {
  return `event: ${event}\ndata: ${JSON.stringify(value)}\n\n`;
}

function troubleView(cause: unknown): ErrorView {
  const message =
    cause instanceof Error && cause.name === 'MarketUnavailable'
      ? cause.message
      : 'the console could not read the market';
  return { error: { code: 'UNAVAILABLE', message } };
}
