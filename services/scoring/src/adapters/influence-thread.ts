import { Worker } from 'node:worker_threads';
import type { Clock } from '@subnetes/runtime/clock';
import { fromUnknown } from '@subnetes/runtime/errors';
import type { Logger } from '@subnetes/telemetry/logger';
import type { Store } from '#application/ports.ts';
import type { EpochInfluence } from '#domain/epoch-influence.ts';
import type { InfluenceJob } from './influence-job.ts';

/** Tells the program's entry that the thread gives way to all others: nobody waits for what it computes. */
export const BACKGROUND = 'background';

/** It throws nearly all away that it makes; left alone its heap would grow as large as the service's own. */
const LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 };

/** Computes whose votes decided epochs, on a thread of its own, one subnet after the other. */
export interface InfluenceThread extends AsyncDisposable {
  /** Asks for an epoch. Of a subnet only the newest that was asked for is computed: what comes faster is left out. */
  look(netuid: number, index: number): void;
}

export interface InfluenceParts {
  /** The program whose worker threads serve jobs: this service's own entry. */
  readonly program: string;
  readonly store: Pick<Store, 'epoch'>;
  /** Resolves when no epoch is being scored, or when what nobody waits for has waited long enough. */
  readonly quiet: () => Promise<void>;
  readonly show: (netuid: number, influence: EpochInfluence) => void;
  readonly clock: Pick<Clock, 'monotonicMs' | 'sleep'>;
  readonly log: Logger;
}

/** Times as long as it computed it rests: of a processor it takes a quarter at most, even where nothing else wants it. */
const RESTS = 3;

/** Nobody's pay waits for it: what fails is told in the log, and the next epoch is looked at. */
export function influenceThread(parts: InfluenceParts): InfluenceThread {
  const { clock } = parts;
  const waiting = new Map<number, number>(); // at most one a subnet
  const ended = new AbortController();
  let work: Promise<void> | undefined;

  const empty = async (): Promise<void> => {
    let thread: Worker | undefined;
    try {
      for (const [netuid] of waiting) {
        await parts.quiet();
        const startedMs = clock.monotonicMs();
        const index = waiting.get(netuid);
        waiting.delete(netuid);
        const epoch = index === undefined ? undefined : await parts.store.epoch(netuid, index);
        if (epoch === undefined || ended.signal.aborted) continue;
        thread ??= new Worker(parts.program, { workerData: BACKGROUND, resourceLimits: LIMITS });
        const { inputsJson, inputsSha256 } = epoch;
        const influence = await ask(thread, { work: 'influence', inputsJson, inputsSha256 });
        if (influence !== undefined && !ended.signal.aborted) parts.show(netuid, influence);
        if (waiting.size === 0) {
          await thread.terminate(); // its memory is worth more between two epochs than the tenth of a second to start it
          thread = undefined;
        }
        const restMs = RESTS * (clock.monotonicMs() - startedMs);
        await clock.sleep(restMs, ended.signal).catch(() => {}); // ended: nothing waits any more
      }
    } finally {
      await thread?.terminate();
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

function ask(thread: Worker, job: InfluenceJob): Promise<EpochInfluence | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<EpochInfluence | undefined>();
  const answered = ([influence]: readonly (EpochInfluence | undefined)[]): void => resolve(influence);
  const failed = (error: unknown): void => reject(fromUnknown(error));
  const ended = (): void => reject(new Error('the thread ended before its answer'));
  thread.once('message', answered).once('error', failed).once('exit', ended);
  thread.postMessage([job]);
  return promise.finally(() => thread.off('message', answered).off('error', failed).off('exit', ended));
}
