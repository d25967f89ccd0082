/** `npm run bench -- NAME [--json]`: measures, prints figures of one run. Ratios count; a machine's own figures are its own. */
import process from 'node:process';
import type { AttackFigures } from './bench/attacks.ts';

interface Benchmark {
  readonly what: string;
  run(progress: (line: string) => void, args: readonly string[]): Promise<Record<string, unknown>>;
  /** Printed for `--help`. */
  help?(): Promise<string>;
  /** What people read instead of JSON. */
  text?(figures: Record<string, unknown>): Promise<string>;
}

/** Loaded when it is run, so that memory is that of what is measured. */
const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  attacks: {
    what: 'attacks on a simulated market, and what they capture under each policy; --seed N',
    run: async (progress, args) => (await import('./bench/attacks.ts')).measureAttacks(progress, args),
    text: async (figures) => (await import('./bench/attack-tables.ts')).attackTables(figures as AttackFigures),
  },
  consensus: {
    what: 'one epoch of three networks and a hundred in sequence: the exact kernel against tuned float64, time and memory',
    run: async (progress) => (await import('./bench/consensus.ts')).measureConsensus(progress),
  },
  scoring: {
    what: 'scoring as a process: 64 full subnets due at once, one subnet alone, memory, and leaders killed under an epoch; --help',
    run: async (progress, args) => (await import('./bench/scoring.ts')).measureScoring(progress, args),
    help: async () => (await import('./bench/scoring.ts')).SCORING_BENCH_HELP,
  },
  e2e: {
    what: 'the sample market on the local cluster: install to first payment, start-up, memory, writes, latency, image sizes',
    run: async (progress) => (await import('./bench/market.ts')).measureMarket(progress),
  },
  economy: {
    what: 'the economy: 64 full subnets and 10,000 nominators over 2048 epochs, the calculators, a payout on PostgreSQL; --help',
    run: async (progress, args) => (await import('./bench/economy.ts')).measureEconomy(progress, args),
    help: async () => (await import('./bench/economy.ts')).ECONOMY_BENCH_HELP,
  },
  'fuzz-weights': {
    what: 'a million inputs, most of them wrong, against all that reads and judges weights; SEED=number repeats a run',
    run: async (progress) => (await import('./bench/fuzz-weights.ts')).measureFuzz(progress),
  },
  gateway: {
    what: 'the latency that the gateway adds to a miner, on the local market that runs (npm start)',
    run: async () => (await import('./bench/market.ts')).measureRunningGateway(),
  },
  incentive: {
    what: 'incentive functions: the worst that the default fuel can take, compiling, and the examples on the largest network',
    run: async (progress) => (await import('./bench/incentive.ts')).measureIncentive(progress),
  },
  ledger: {
    what: 'the ledger’s engine in multiples of pgbench: transfers, holds, single calls, PGlite, a start, memory; --help',
    run: async (progress, args) => (await import('./bench/ledger.ts')).measureLedger(progress, args),
    help: async () => (await import('./bench/ledger.ts')).LEDGER_BENCH_HELP,
  },
  signatures: {
    what: 'what a wallet-signed order and a session-signed batch of orders cost to verify: sr25519 against ed25519',
    run: async (progress) => (await import('./bench/signatures.ts')).measureSignatures(progress),
  },
  weights: {
    what: '10,000 commits and reveals of 500 hotkeys against scoring on PostgreSQL and NATS: seconds, and what limits them',
    run: async (progress) => (await import('./bench/weights.ts')).measureWeights(progress),
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
} else if (options.includes('--help')) {
  console.log((await benchmark.help?.()) ?? benchmark.what);
} else {
  const figures = await benchmark.run((line) => console.error(line), options);
  const isForMachines = options.includes('--json');
  const text = isForMachines ? JSON.stringify(figures) : await benchmark.text?.(figures);
  // A pipe takes 64 KiB at once, and leaving loses the rest.
  await new Promise((written) => process.stdout.write(`${text ?? JSON.stringify(figures, undefined, 2)}\n`, written));
  process.exit();
}
