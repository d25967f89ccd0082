import type { Clock } from '@subnetes/runtime/clock';
import { fromUnknown } from '@subnetes/runtime/errors';
import type { Logger } from '@subnetes/telemetry/logger';
import type { Store, StoredEpoch } from '#application/ports.ts';
import { type EpochInfluence, epochInfluence } from '#domain/epoch-influence.ts';
import { inputsFromStored, type StoredEpochInputs } from '#domain/stored-inputs.ts';

/** Computes whose votes decided epochs, one subnet after the other, in small steps between other work. */
export interface InfluenceWork extends AsyncDisposable {
  /** Asks for an epoch. Of a subnet only the newest that was asked for is computed: what comes faster is left out. */
  look(netuid: number, index: number): void;
}

export interface InfluenceParts {
  readonly store: Pick<Store, 'epoch'>;
  /** Resolves when no epoch is being scored, or when what nobody waits for has waited long enough. */
  readonly quiet: () => Promise<void>;
  /** Lets work that cannot wait go first. */
  readonly giveWay: () => Promise<void>;
  readonly show: (netuid: number, influence: EpochInfluence) => void;
  readonly clock: Pick<Clock, 'monotonicMs' | 'sleep'>;
  readonly log: Logger;
}

/** Times as long as a step took it rests: of a processor it takes a quarter at most, even where nothing else wants it. */
const RESTS = 3;

/** Nobody's pay waits for it: what fails is told in the log, and the next epoch is looked at. */
export function influenceWork(parts: InfluenceParts): InfluenceWork {
  const waiting = new Map<number, number>(); // at most one a subnet
  const ended = new AbortController();
  let work: Promise<void> | undefined;

  const empty = async (): Promise<void> => {
    for (const [netuid] of waiting) {
      await parts.quiet();
      const index = waiting.get(netuid);
      waiting.delete(netuid);
      const epoch = index === undefined ? undefined : await parts.store.epoch(netuid, index);
      const influence = epoch === undefined ? undefined : await computed(parts, epoch, ended.signal);
      if (influence !== undefined && !ended.signal.aborted) parts.show(netuid, influence);
    }
  };
  const failed = (error: unknown): void =>
    parts.log.warn({ err: fromUnknown(error) }, 'whose votes decided an epoch is not known: the next is looked at');
  const run = (): void => {
    work ??= empty()
      .catch(failed)
      .finally(() => {
        work = undefined;
        if (waiting.size > 0 && !ended.signal.aborted) run();
      });
  };
  return {
    look: (netuid, index) => {
      if (ended.signal.aborted) return;
      waiting.set(netuid, index);
      run();
    },
    [Symbol.asyncDispose]: async () => {
      ended.abort();
      waiting.clear();
      await work;
    },
  };
}

/** Undefined when the signal ended it, or for a subnet without mechanisms. */
async function computed(
  { clock, giveWay }: InfluenceParts,
  { inputsJson, inputsSha256 }: StoredEpoch,
  signal: AbortSignal,
): Promise<EpochInfluence | undefined> {
  const steps = epochInfluence(inputsFromStored(JSON.parse(inputsJson) as StoredEpochInputs), inputsSha256);
  while (!signal.aborted) {
    const startedMs = clock.monotonicMs();
    const step = steps.next();
    if (step.done === true) return step.value;
    await clock.sleep(RESTS * (clock.monotonicMs() - startedMs), signal).catch(() => {}); // ended: the loop looks
    await giveWay();
  }
  return undefined;
}
