import type { Store } from './ports.ts';
import type { ReadMetagraph } from './read-metagraph.ts';

/** Where newest metagraphs go. Putting one twice must be as putting it once. */
export interface MetagraphPublisher {
  /** Makes what is put into, where it is missing. Called at start and after every outage. */
  openBucket(): Promise<void>;
  metagraph(netuid: number, metagraph: Uint8Array): Promise<void>;
}

/** Shows every subnet's newest epoch that was not shown yet, or ends with the signal. Throws at the first outage. */
export type ShowEpochs = (signal: AbortSignal) => Promise<void>;

/** Of several epochs of a subnet only the newest is shown: the metagraphs of others are made when somebody asks for them. */
export function makeShowEpochs(ports: {
  readonly store: Pick<Store, 'nextToShow' | 'markShown'>;
  readonly readMetagraph: ReadMetagraph;
  readonly publisher: MetagraphPublisher;
  /** Resolves when no epoch is being scored, or when epochs have waited long enough to be shown. */
  readonly quiet: (signal: AbortSignal) => Promise<void>;
  readonly shown: (netuid: number, metagraph: Uint8Array) => void;
}): ShowEpochs {
  const { store, publisher } = ports;
  return async (signal) => {
    for (;;) {
      await ports.quiet(signal);
      if (signal.aborted) return;
      const next = await store.nextToShow();
      if (next === undefined) return;
      const metagraph = await ports.readMetagraph(next.netuid, next.index);
      if (metagraph === undefined)
        throw new Error(`epoch ${next.index} of subnet ${next.netuid} is to be shown, and gone`);
      await publisher.metagraph(next.netuid, metagraph);
      await store.markShown(next.netuid, next.index);
      ports.shown(next.netuid, metagraph);
    }
  };
}
