import { createHash } from 'node:crypto';
import { FunctionCache } from '@subnetes/incentive/function-cache';
import { runIncentiveFunction } from '@subnetes/incentive/run-function';
import type { RunFunction } from '@subnetes/policy/incentive-function';

/** Incentive functions whose modules are at hand, on this thread; they stay compiled. */
export interface ModuleRunner {
  readonly runFunction: RunFunction;
  /** Whether the module of this hex sha256 was taken in, and is still kept. */
  has(sha256: string): boolean;
  /** Takes a module in by the sha256 of its bytes, which is returned: it may not be the one that was asked for. */
  take(module: Uint8Array): string;
}

/** `runFunction` throws RangeError for a module that was not taken in; a module that may not run is a refusal. */
export function moduleRunner(): ModuleRunner {
  const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
  const cache = new FunctionCache(sha256);
  return {
    has: (digest) => cache.find(digest) !== undefined,
    take: (module) => {
      cache.prepare(module);
      return Buffer.from(sha256(module)).toString('hex');
    },
    runFunction: ({ sha256: digest, fuel }, input) => {
      const prepared = cache.find(digest);
      if (prepared === undefined) throw new RangeError(`the module ${digest} is not at hand`);
      return 'refusal' in prepared ? prepared : runIncentiveFunction(prepared.function, input, { fuel });
    },
  };
}
