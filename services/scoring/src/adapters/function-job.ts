import { createHash } from 'node:crypto';
import { FunctionCache } from '@subnetes/incentive/function-cache';
import type { ModuleRefusal } from '@subnetes/incentive/refusal';
import { MachineShortage, runIncentiveFunction } from '@subnetes/incentive/run-function';
import type { FunctionAnswer, FunctionCall } from '#domain/function-calls.ts';

/** A module to look at, with what its function is to be asked. Without calls it is only checked. */
export interface FunctionJob {
  readonly work: 'function';
  readonly module: Uint8Array;
  readonly calls: readonly FunctionCall[];
}

export type FunctionResult =
  | {
      readonly kind: 'answers';
      readonly refusal: ModuleRefusal | undefined;
      readonly answers: readonly FunctionAnswer[];
    }
  /** The machine's fault: another try, or another machine, gives the answers. */
  | { readonly kind: 'shortage'; readonly message: string };

/** Does jobs on the thread that calls it; modules stay compiled between them. */
export function functionWorkshop(): (job: FunctionJob) => FunctionResult {
  const cache = new FunctionCache((bytes) => createHash('sha256').update(bytes).digest());
  return ({ module, calls }) => {
    try {
      const prepared = cache.prepare(module);
      if ('refusal' in prepared) {
        const { refusal } = prepared;
        return { kind: 'answers', refusal, answers: calls.map(() => ({ refusal })) };
      }
      const answers = calls.map(({ rules, input }): FunctionAnswer => {
        const { fuel } = rules;
        return runIncentiveFunction(prepared.function, input, { fuel });
      });
      return { kind: 'answers', refusal: undefined, answers };
    } catch (error) {
      if (error instanceof MachineShortage) return { kind: 'shortage', message: error.message };
      throw error;
    }
  };
}
