import type { Admission } from '../domain/admission.ts';
import type { Market } from '../domain/market.ts';
import type { Leases } from './keep-leases.ts';
import type { MinerTrack } from './track-miners.ts';

/** How often miners are looked at. */
const MAINTAIN_MS = 2000;
const SWEEP_MS = 500;
/** Longest time that requests in flight are waited for once the process is told to end. */
const DRAIN_MS = 15_000;
const FLUSH_MS = 5000;
const POLL_MS = 50;

/** Looks after miners and leases until the signal ends it. */
export async function keepUp(
  deps: {
    readonly links: { maintain(): Promise<void> };
    readonly leases: Leases;
    readonly track: MinerTrack;
    readonly market: Market;
    readonly failed: (error: unknown) => void;
    readonly sleep: (ms: number) => Promise<void>;
  },
  signal: AbortSignal,
): Promise<void> {
  const { links, leases, track, market, failed, sleep } = deps;
  const look = async (): Promise<void> => {
    while (!signal.aborted) {
      await links.maintain().catch(failed);
      track.keepOnly(new Set(market.subnets().flatMap(({ netuid }) => market.miners(netuid).map(({ id }) => id))));
      // Soon again while there is nobody: a gateway that starts with its miners should not wait for a whole round.
      await sleep(market.subnets().length === 0 ? MAINTAIN_MS / 10 : MAINTAIN_MS);
    }
  };
  const sweep = async (): Promise<void> => {
    while (!signal.aborted) {
      leases.sweep();
      await sleep(SWEEP_MS);
    }
  };
  await Promise.all([look(), sweep()]);
}

/** Takes no more, lets what runs end, closes the leases and waits until the bus has all usage. */
export async function drain(deps: {
  readonly admission: Admission;
  readonly leases: Leases;
  readonly spool: { readonly pending: number };
  readonly monotonicMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}): Promise<void> {
  const { admission, leases, spool, monotonicMs, sleep } = deps;
  admission.drain();
  const startedMs = monotonicMs();
  while (admission.inFlight > 0 && monotonicMs() - startedMs < DRAIN_MS) await sleep(POLL_MS);
  await leases.closeAll();
  const flushMs = monotonicMs();
  while (spool.pending > 0 && monotonicMs() - flushMs < FLUSH_MS) await sleep(POLL_MS);
}
