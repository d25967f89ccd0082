import { type Interval, intervalOf } from '#domain/interval.ts';
import type { Seal } from '#domain/seal.ts';
import type { LedgerJournal } from './ports.ts';

/** The seals around an interval of the subnet that a seal is of, as scoring says where they stand. */
export interface AskedInterval {
  readonly seal: Seal;
  readonly interval: number;
  readonly sealedBefore: number;
  readonly sealedAfter: number;
}

/** Undefined where the ledger has no such seals there. */
export type Intervals = (asked: AskedInterval, signal: AbortSignal) => Promise<Interval | undefined>;

/** Intervals that are kept: what rows come from are few a subnet, most of them its newest. */
const KEPT_MAX = 4096;

/** Reads intervals out of the ledger's journal, each once. */
export function makeIntervals(ledger: Pick<LedgerJournal, 'seal'>): Intervals {
  const kept = new Map<string, Interval>();
  return async (asked, signal) => {
    const { netuid } = asked.seal;
    const key = `${netuid}/${asked.interval}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const after = await sealOf(
      ledger,
      { ...asked, netuid, index: asked.interval, sequence: asked.sealedAfter },
      signal,
    );
    const index = asked.interval - 1;
    const before = await sealOf(ledger, { ...asked, netuid, index, sequence: asked.sealedBefore }, signal);
    if (after === undefined || (before === undefined && index > 0)) return undefined;
    const interval = intervalOf(before, after);
    kept.set(key, interval);
    const [oldest] = kept.keys();
    if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
    return interval;
  };
}

async function sealOf(
  ledger: Pick<LedgerJournal, 'seal'>,
  wanted: { readonly seal: Seal; readonly netuid: number; readonly index: number; readonly sequence: number },
  signal: AbortSignal,
): Promise<Seal | undefined> {
  const { seal, netuid, index, sequence } = wanted;
  if (index === seal.index) return seal;
  const found = index < 1 ? undefined : await ledger.seal(sequence, signal);
  return found?.netuid === netuid && found.index === index ? found : undefined;
}
