import type { FunctionRunner, FunctionStore } from '#application/incentive-functions.ts';
import { functionWorkshop } from '#adapters/function-job.ts';
import { sha256 as hashOf } from '#adapters/sha256.ts';

/** Incentive functions in memory; `lose` is what happens to a database that was restored from before. */
export function memoryFunctions(): FunctionStore & { lose(sha256: string): void } {
  const modules = new Map<string, Uint8Array>();
  const published = new Map<string, number>();
  const ofSubnet = (netuid: number): number[] =>
    [...published].flatMap(([key, bytes]) => (key.startsWith(`${netuid}/`) ? [bytes] : []));
  return {
    module: async (sha256) => {
      const module = modules.get(sha256);
      return module !== undefined && hashOf(module) === sha256 ? module : undefined;
    },
    has: async (sha256) => modules.has(sha256),
    publish: async (netuid, { sha256, bytes }, quota) => {
      const before = ofSubnet(netuid).reduce((left, right) => left + right, 0);
      const key = `${netuid}/${sha256}`;
      if (published.has(key)) {
        modules.set(sha256, bytes);
        return { kind: 'repeated', bytesPublished: before };
      }
      const after = before + bytes.length;
      if (after > quota.bytes || ofSubnet(netuid).length >= quota.modules) {
        return { kind: 'over-quota', bytesPublished: before };
      }
      modules.set(sha256, bytes);
      published.set(key, bytes.length);
      return { kind: 'published', bytesPublished: after };
    },
    lose: (sha256) => void modules.delete(sha256),
  };
}

/** Runs functions on this thread. */
export function functionsHere(): FunctionRunner {
  const work = functionWorkshop();
  const done = (module: Uint8Array, calls: Parameters<FunctionRunner['run']>[1]) => {
    const result = work({ work: 'function', module, calls });
    if (result.kind === 'shortage') throw new Error(result.message);
    return result;
  };
  return {
    check: async (module) => done(module, []).refusal,
    run: async (module, calls) => done(module, calls).answers,
  };
}
