/** Tells watchers of a subnet that an epoch was scored. Holds nothing: what is new is read from the store. */
export interface MetagraphFeed {
  announce(netuid: number): void;
  /** Yields the netuid at once and then after announcements, several as one, until the signal aborts. */
  changes(netuid: number, signal: AbortSignal): AsyncIterable<number>;
}

export function metagraphFeed(): MetagraphFeed {
  const watchers = new Map<number, Set<() => void>>();
  return {
    announce: (netuid) => {
      for (const wake of watchers.get(netuid) ?? []) wake();
    },
    changes: (netuid, signal) => follow(watchers, netuid, signal),
  };
}

async function* follow(
  watchers: Map<number, Set<() => void>>,
  netuid: number,
  signal: AbortSignal,
): AsyncGenerator<number> {
  let changed = Promise.withResolvers<void>();
  const wake = (): void => changed.resolve();
  const own = watchers.get(netuid) ?? new Set();
  watchers.set(netuid, own.add(wake));
  signal.addEventListener('abort', wake, { once: true });
  wake(); // the first turn needs no news
  try {
    while (!signal.aborted) {
      await changed.promise;
      changed = Promise.withResolvers<void>();
      if (!signal.aborted) yield netuid;
    }
  } finally {
    own.delete(wake);
    signal.removeEventListener('abort', wake);
  }
}
