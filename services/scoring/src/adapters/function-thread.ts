import { Worker } from 'node:worker_threads';
import { OutageError } from '@subnetes/runtime/errors';
import type { FunctionRunner } from '#application/incentive-functions.ts';
import type { FunctionJob, FunctionResult } from './function-job.ts';

/** A thread without work ends after so long: its memory is worth more than the tenth of a second to start it. */
const IDLE_MS = 30_000;
/** Jobs that wait: as many as epochs, replays and publications can be under way. */
const WAITING_MAX = 64;

export interface FunctionThread extends FunctionRunner, AsyncDisposable {}

/** Runs incentive functions one after the other on a thread of its own. `program`: this service's own entry. */
export function functionThread({ program }: { readonly program: string }): FunctionThread {
  const thread = new Thread(program);
  return {
    check: async (module) => (await thread.do({ work: 'function', module, calls: [] })).refusal,
    run: async (module, calls) => (await thread.do({ work: 'function', module, calls })).answers,
    [Symbol.asyncDispose]: () => thread.end(),
  };
}

type Answered = Extract<FunctionResult, { readonly kind: 'answers' }>;

class Thread {
  readonly #program: string;
  readonly #waiting: PromiseWithResolvers<Answered>[] = [];
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(program: string) {
    this.#program = program;
  }

  do(job: FunctionJob): Promise<Answered> {
    if (this.#waiting.length >= WAITING_MAX) {
      return Promise.reject(new OutageError('functions', `${WAITING_MAX} incentive functions wait already`));
    }
    clearTimeout(this.#idle);
    const answer = Promise.withResolvers<Answered>();
    this.#waiting.push(answer);
    const worker = this.#worker ?? this.#start();
    worker.ref();
    worker.postMessage([job]);
    return answer.promise;
  }

  async end(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
    this.#lose(new OutageError('functions', 'the thread of incentive functions was ended'));
  }

  #start(): Worker {
    const worker = new Worker(this.#program);
    this.#worker = worker;
    worker.on('message', ([result]: readonly FunctionResult[]) => this.#take(result));
    // A thread that died for want of memory is the machine's fault: what waits is tried again, on another one.
    const died = (cause?: unknown): void => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#lose(new OutageError('functions', 'the thread of incentive functions died', cause));
    };
    worker.on('error', died).on('exit', () => died());
    return worker;
  }

  #take(result: FunctionResult | undefined): void {
    const answer = this.#waiting.shift();
    if (result?.kind === 'answers') answer?.resolve(result);
    else answer?.reject(new OutageError('functions', result?.message ?? 'an incentive function got no answer'));
    if (this.#waiting.length > 0) return;
    this.#worker?.unref();
    this.#idle = setTimeout(() => void this.end(), IDLE_MS).unref();
  }

  #lose(error: OutageError): void {
    for (const answer of this.#waiting.splice(0)) answer.reject(error);
  }
}
