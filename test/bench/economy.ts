/** `npm run bench -- economy`: the ledger's economy over thousands of epochs, its calculators, and what a payout takes. */
import { parseArgs } from 'node:util';
import { measurePayout } from './economy/payout.ts';
import { simulateEconomy } from './economy/simulation.ts';
import type { Scale } from './economy/simulated-network.ts';

export const ECONOMY_BENCH_HELP = `npm run bench -- economy [--json] [--seed N] [--epochs N] [--only PART,…]

Runs 64 subnets of 256 neurons with 10,000 nominators through 2048 epochs in all, each scored by the real consensus; blocks between
them are computed and not waited for. After each epoch all accounts are held against what was minted. Half-way the calculators are
asked, in subnets where nothing changes from then on, and at the end held to what they said. Then one payout and stake operations on
a PostgreSQL that it starts itself: of the engine alone, and with the signatures of wallets and of sessions. Needs PostgreSQL 15 or newer.

  --seed N      another market; default 1
  --epochs N    of all subnets together, a multiple of 64; default 2048
  --only PARTS  comma-separated: simulation, payout; the others are null`;

const SCALE: Scale = { subnets: 64, validators: 64, miners: 192, nominators: 10_000, tempo: 360 };
const PARTS = ['simulation', 'payout'] as const;

export async function measureEconomy(
  progress: (line: string) => void,
  args: readonly string[],
): Promise<Record<string, unknown>> {
  const { seed, epochs, wants } = optionsOf(args);
  const simulated = wants('simulation')
    ? simulateEconomy(SCALE, epochs / SCALE.subnets, { seed, progress })
    : undefined;
  const measured = wants('payout') ? await measurePayout({ ...SCALE, subnets: 1, tempo: 10 }, progress) : undefined;
  return {
    epochs: null,
    supplyRao: null,
    differenceRao: null,
    projectionErrorPct: null,
    seconds: null,
    ...simulated,
    payout: measured?.payout ?? null,
    stakeOpsPerSecond: measured?.stakeOpsPerSecond ?? null,
    signedStakeOps: measured?.signedStakeOps ?? null,
    seed,
  };
}

function optionsOf(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean' },
      seed: { type: 'string', default: '1' },
      epochs: { type: 'string', default: '2048' },
      only: { type: 'string', default: PARTS.join(',') },
    },
  });
  const wanted = values.only.split(',');
  const unknown = wanted.find((part) => !PARTS.some((known) => known === part));
  if (unknown !== undefined) throw new Error(`--only: there is no part ${unknown}, only ${PARTS.join(', ')}`);
  const [seed, epochs] = [Number(values.seed), Number(values.epochs)];
  if (!Number.isInteger(seed) || seed < 0 || seed > 1_000_000) throw new Error('--seed has to be 0 to 1000000');
  if (!Number.isInteger(epochs) || epochs < 4 * SCALE.subnets || epochs % SCALE.subnets !== 0) {
    throw new Error(
      `--epochs has to be a multiple of ${SCALE.subnets} from ${4 * SCALE.subnets}, not ${values.epochs}`,
    );
  }
  return { seed, epochs, wants: (part: (typeof PARTS)[number]) => wanted.includes(part) };
}
