import { Worker } from 'node:worker_threads';
import { fromUnknown } from '@subnetes/runtime/errors';
import type { Logger } from '@subnetes/telemetry/logger';
import type { Store } from '#application/ports.ts';
import type { EpochInfluence } from '#domain/epoch-influence.ts';
import type { InfluenceJob } from './influence-job.ts';

/** Computes whose votes decided epochs, on a thread of its own, one subnet after the other. */
export interface InfluenceThread extends AsyncDisposable {
  /** Asks for an epoch. Of a subnet only the newest that was asked for is computed: what comes faster is left out. */
  look(netuid: number, index: number): void;
}

export interface InfluenceParts {
  /** The program whose worker threads serve jobs: this service's own entry. */
  readonly program: string;
  readonly store: Pick<Store, 'epoch'>;
  readonly show: (netuid: number, influence: EpochInfluence) => void;
  readonly log: Logger;
}

/** Nobody's pay waits for it: what fails is told in the log, and the next epoch is looked at. */
export function influenceThread(parts: InfluenceParts): InfluenceThread {
  const waiting = new Map<number, number>(); // at most one a subnet
  let isEnded = false;
  let work: Promise<void> | undefined;

  const empty = async (): Promise<void> => {
    let thread: Worker | undefined;
    try {
      for (const [netuid, index] of waiting) {
        waiting.delete(netuid);
        const epoch = await parts.store.epoch(netuid, index);
        if (epoch === undefined || isEnded) continue;
        thread ??= new Worker(parts.program, { workerData: 'background' }); // see worker-main
        const { inputsJson, inputsSha256 } = epoch;
        const influence = await ask(thread, { work: 'influence', inputsJson, inputsSha256 });
        if (influence !== undefined && !isEnded) parts.show(netuid, influence);
      }
    } finally {
      await thread?.terminate(); // its memory is worth more between two epochs than the tenth of a second to start it
    }
  };
  const failed = (error: unknown): void =>
    parts.log.warn({ err: fromUnknown(error) }, 'whose votes decided an epoch is not known: the next is looked at');
  const run = (): void => {
    work ??= empty()
      .catch(failed)
      .finally(() => {
        work = undefined;
        if (waiting.size > 0 && !isEnded) run();
      });
  };
  return {
    look: (netuid, index) => {
      if (isEnded) return;
      waiting.set(netuid, index);
      run();
    },
    [Symbol.asyncDispose]: async () => {
      isEnded = true;
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
