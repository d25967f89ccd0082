/** `npm run bench -- NAME [--json]`: measures, prints figures of one run. Ratios count; a machine's own figures are its own. */
import process from 'node:process';
import { measureMarket } from './bench/market.ts';
import { measureWeights } from './bench/weights.ts';

interface Benchmark {
  readonly what: string;
  run(progress: (line: string) => void): Promise<Record<string, unknown>>;
}

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  e2e: {
    what: 'the sample market on the local cluster: install to first payment, start-up, memory, writes, latency, image sizes',
    run: measureMarket,
  },
  weights: {
    what: '10,000 commits and reveals of 500 hotkeys against scoring on PostgreSQL and NATS: seconds, and what limits them',
    run: measureWeights,
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
