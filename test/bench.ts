/** `npm run bench -- NAME [--json]`: measures, prints figures of one run. Ratios count; a machine's own figures are its own. */
import process from 'node:process';

interface Benchmark {
  readonly what: string;
  run(progress: (line: string) => void): Promise<Record<string, unknown>>;
}

/** Loaded when it is run, so that memory is that of what is measured. */
const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  consensus: {
    what: 'one epoch of three networks and a hundred in sequence: the exact kernel against tuned float64, time and memory',
    run: async (progress) => (await import('./bench/consensus.ts')).measureConsensus(progress),
  },
  scoring: {
    what: 'scoring as a process: 64 full subnets due at once, one subnet alone, memory, and leaders killed under an epoch',
    run: async (progress) => (await import('./bench/scoring.ts')).measureScoring(progress),
  },
  e2e: {
    what: 'the sample market on the local cluster: install to first payment, start-up, memory, writes, latency, image sizes',
    run: async (progress) => (await import('./bench/market.ts')).measureMarket(progress),
  },
};

const [name, ...options] = process.argv.slice(2);
const benchmark = BENCHMARKS[name ?? ''];
if (benchmark === undefined) {
  console.error(
    `Usage: npm run bench -- NAME [--json]\n\n${Object.entries(BENCHMARKS)
      .map(([key, { what }]) => `  ${key}  ${what}`)
      .join('\n')}`,
  );
  process.exitCode = 64;
} else {
  const figures = await benchmark.run((line) => console.error(line));
  console.log(options.includes('--json') ? JSON.stringify(figures) : JSON.stringify(figures, undefined, 2));
  process.exit();
}
