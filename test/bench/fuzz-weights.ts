import { randomInt } from 'node:crypto';
import process from 'node:process';
import { A_MILLION, fuzzWeights } from '@subnetes/scoring/test/fuzz-weights';

type Progress = (line: string) => void;

/** One run on this thread; the exit code is 1 when something was judged wrongly. */
export function measureFuzz(progress: Progress): Promise<Record<string, unknown>> {
  const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31));
  progress(`seed ${seed}`);
  const from = performance.now();
  const cpuFrom = process.cpuUsage();
  const report = fuzzWeights(seed, A_MILLION);
  const { user, system } = process.cpuUsage(cpuFrom);
  for (const { layer, what, input } of report.findings) progress(`${layer}: ${what}: ${input}`);
  if (report.findings.length > 0) process.exitCode = 1;
  return Promise.resolve({
    ...report,
    total: Object.values(report.inputs).reduce((sum, count) => sum + count, 0),
    seconds: round((performance.now() - from) / 1000),
    cpuSeconds: round((user + system) / 1e6),
  });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
