/** `npm run bench -- NAME [--json]`: measures, prints figures of one run. Ratios count; a machine's own figures are its own. */
import process from 'node:process';
import { type AttackFigures, attackTables, measureAttacks } from './bench/attacks.ts';
import { measureMarket } from './bench/market.ts';

interface Benchmark {
  readonly what: string;
  run(progress: (line: string) => void, args: readonly string[]): Promise<Record<string, unknown>>;
  /** What people read instead of JSON. */
  text?(figures: Record<string, unknown>): string;
}

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  attacks: {
    what: 'attacks on a simulated market, and what they capture under each policy; --seed N',
    run: async (progress, args) => measureAttacks(progress, args),
    text: (figures) => attackTables(figures as AttackFigures),
  },
  e2e: {
    what: 'the sample market on the local cluster: install to first payment, start-up, memory, writes, latency, image sizes',
    run: measureMarket,
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
  const figures = await benchmark.run((line) => console.error(line), options);
  const text = benchmark.text?.(figures) ?? JSON.stringify(figures, undefined, 2);
  console.log(options.includes('--json') ? JSON.stringify(figures) : text);
  process.exit();
}
