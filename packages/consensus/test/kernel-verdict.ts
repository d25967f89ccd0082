import type { EpochOutput } from '../src/epoch-types.ts';
import { runEpoch } from '../src/epoch.ts';
import { runKernelEpoch } from '../src/kernel.ts';
import { checkEpochCase } from './epoch-case.ts';
import { randomNetwork } from './random-network.ts';
import { readCase } from './vector-case.ts';

/** What became of the kernel wherever this ran. Nothing here needs Node. */
export interface KernelVerdict {
  readonly epochCases: number;
  readonly differences: readonly string[];
  readonly networks: number;
  /** Outputs of all networks as text, hashed, so that two places can be compared. */
  readonly digest: string;
}

/** Runs every case of kind `epoch` through the kernel, and as many random networks through kernel and reference. */
export function kernelVerdict(texts: readonly string[], networks: number): KernelVerdict {
  const cases = texts.map(readCase).filter(({ kind }) => kind === 'epoch');
  const differences = cases.flatMap((vector) =>
    checkEpochCase(vector, runKernelEpoch).map((difference) => `${vector.name}: ${difference}`),
  );
  let hash = 0;
  for (let seed = 1; seed <= networks; seed += 1) {
    const { first } = randomNetwork(seed);
    const text = textOf(runKernelEpoch(first));
    if (text !== textOf(runEpoch(first))) differences.push(`network ${seed}`);
    for (let at = 0; at < text.length; at += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  }
  return { epochCases: cases.length, differences, networks, digest: (hash >>> 0).toString(16) };
}

/** Outputs in the order of their names. */
function textOf(output: EpochOutput): string {
  const sorted = Object.entries(output).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify(sorted, (_key, item: unknown) => (typeof item === 'bigint' ? `${item}n` : item));
}
