import { Client, connectivityState } from '@grpc/grpc-js';
import type { ChannelCredentials, ChannelOptions } from '@grpc/grpc-js';

/**
 * grpc-js has no timeout for a connection attempt: when a pod behind a Service address is replaced, packets of an attempt
 * under way go on to the old pod's address until the kernel gives up, two minutes later. So an attempt that takes longer
 * than this is given up for a new one. After an attempt that failed grpc-js says TRANSIENT_FAILURE, and goes on saying so
 * while it tries again: what says it for longer than this may hang as well.
 */
const CONNECT_MS = 2000;

export interface RpcChannel extends Disposable {
  /** A connected client, or one whose next call tells at once why it is not. Never waits beyond `untilMs` (unix). */
  client(untilMs: number, signal: AbortSignal | undefined): Promise<Client>;
}

/** Opens a channel; nothing is dialled before the first call. */
export function openChannel(address: string, credentials: ChannelCredentials, options: ChannelOptions): RpcChannel {
  // A pool of its own: a new client would otherwise get the stuck connection attempt of the one before.
  const dial = (): Client => new Client(address, credentials, { ...options, 'grpc.use_local_subchannel_pool': 1 });
  let current = dial();
  let failingSinceMs: number | undefined;
  let isClosed = false;
  /** Calls that wait on the same attempt share the one client that replaces it. */
  const replace = (tried: Client): void => {
    if (tried !== current || isClosed) return;
    current = dial();
    failingSinceMs = undefined;
    tried.close();
  };
  return {
    async client(untilMs, signal) {
      while (!isClosed && signal?.aborted !== true) {
        const tried = current;
        const deadlineMs = Math.min(Date.now() + CONNECT_MS, untilMs);
        const state = await settledState(tried, deadlineMs);
        if (Date.now() >= untilMs) return tried;
        if (state === connectivityState.TRANSIENT_FAILURE) {
          if (tried === current) failingSinceMs ??= performance.now();
          if (failingSinceMs === undefined || performance.now() - failingSinceMs < CONNECT_MS) return tried;
        } else if (state !== connectivityState.CONNECTING) {
          if (tried === current) failingSinceMs = undefined;
          return tried;
        }
        replace(tried);
      }
      return current;
    },
    [Symbol.dispose]() {
      isClosed = true;
      current.close();
    },
  };
}

/** The channel's state once it is neither idle nor connecting, or at the deadline. */
async function settledState(client: Client, deadlineMs: number): Promise<connectivityState> {
  const channel = client.getChannel();
  for (;;) {
    const state = channel.getConnectivityState(true);
    if (state !== connectivityState.CONNECTING && state !== connectivityState.IDLE) return state;
    const changed = Promise.withResolvers<boolean>();
    channel.watchConnectivityState(state, deadlineMs, (error) => changed.resolve(error === undefined));
    if (!(await changed.promise)) return channel.getConnectivityState(false);
  }
}
