import process from 'node:process';
import type { EpochParameters, Formula } from '@subnetes/consensus/epoch-types';
import { EpochKernel } from '@subnetes/consensus/kernel-arrays';
import { compare } from './consensus/compare.ts';
import { type FloatArrays, floatArrays } from './consensus/float-arrays.ts';
import { carryBonds } from './consensus/float-bonds.ts';
import { runFloatEpoch } from './consensus/float-epoch.ts';
import { BLOCK, makeNetwork, type Network, type Rows, type Shape } from './consensus/network.ts';

const ROUNDS = 60;
const SAMPLE_MS = 15;
const SEQUENCE = 100;
const FIRST: Shape = { miners: 192, density: 1, kappaU16: 32_767 };
/** At a density of a quarter a kappa of one half leaves nearly every miner without consensus, and the figure means nothing. */
const SHAPES: readonly Shape[] = [
  FIRST,
  { miners: 960, density: 1, kappaU16: 32_767 },
  { miners: 4032, density: 0.25, kappaU16: 6553 },
];
const OTHER_FORMULAS: readonly (readonly [Formula, penaltyU16: number])[] = [
  ['yuma2', 65_535],
  ['yuma2-liquid', 65_535],
  ['yuma3-liquid', 65_535],
  ['yuma3-liquid', 32_767],
];
const LIVE_NETWORK = 'the live network publishes 1.6 to 2.0 ms for 64 x 192 dense, its own code compiled natively';

type Progress = (line: string) => void;

/** Minimum and median of the runs of one thing, in ms. */
interface Spread {
  readonly min: number;
  readonly median: number;
}

/** Measures the kernel against a tuned float64 version of the same epoch, in turns, in this process. */
export function measureConsensus(progress: Progress): Promise<Record<string, unknown>> {
  const sizes = SHAPES.map((shape) => measureSize(shape, progress));
  const sequence = measureSequence(makeNetwork(FIRST));
  progress(`${SEQUENCE} epochs of 64 x 192: ${show(sequence.fixed)} fixed, ${show(sequence.float)} float64`);
  const others = OTHER_FORMULAS.map(([formula, penaltyU16]) => measureFormula(formula, penaltyU16));
  for (const { formula, penaltyU16, fixedMs } of others) progress(`${formula}, penalty ${penaltyU16}: ${fixedMs} ms`);
  progress(LIVE_NETWORK);
  return Promise.resolve({
    sizes,
    hundredEpochsMs: rounded(sequence.fixed.median),
    hundredEpochsMinMs: rounded(sequence.fixed.min),
    hundredEpochsFloatMs: rounded(sequence.float.median),
    otherFormulas: others,
    rounds: ROUNDS,
    liveNetwork: LIVE_NETWORK,
    rssMb: Math.round(process.memoryUsage.rss() / 1e6),
  });
}

function measureSize(shape: Shape, progress: Progress): Record<string, unknown> {
  const { kernel, float, entries } = steadyState(makeNetwork(shape));
  const { network } = float;
  const { fixed, float: other } = interleaved(
    () => runKernel(kernel, network),
    () => {
      runFloatEpoch(float);
    },
    entries,
  );
  const distance = compare(kernel.outputs, float);
  const name = `${network.validators} x ${network.miners} at ${network.density}`;
  progress(`${name}: ${show(fixed)} fixed, ${show(other)} float64, ratio ${rounded(fixed.min / other.min)}`);
  return {
    validators: network.validators,
    miners: network.miners,
    density: network.density,
    fixedMs: rounded(fixed.median),
    floatMs: rounded(other.median),
    ratio: rounded(fixed.min / other.min),
    nsPerWeight: rounded((fixed.min * 1e6) / entries),
    fixedMinMs: rounded(fixed.min),
    floatMinMs: rounded(other.min),
    floatNsPerWeight: rounded((other.min * 1e6) / entries),
    weights: entries,
    distance,
  };
}

function measureSequence(network: Network): { fixed: Spread; float: Spread } {
  const { kernel, float } = steadyState(network);
  const result = interleaved(
    () => {
      for (let epoch = 0; epoch < SEQUENCE; epoch += 1) {
        runKernel(kernel, network);
        kernel.carryBonds();
      }
    },
    () => {
      for (let epoch = 0; epoch < SEQUENCE; epoch += 1) {
        runFloatEpoch(float);
        carryBonds(float);
      }
    },
    Number.POSITIVE_INFINITY,
  );
  runKernel(kernel, network);
  runFloatEpoch(float);
  compare(kernel.outputs, float);
  return result;
}

/** Formulas for which there is no yardstick. */
function measureFormula(
  formula: Formula,
  penaltyU16: number,
): { formula: string; penaltyU16: number; fixedMs: number } {
  const { kernel, float } = steadyState(makeNetwork(FIRST));
  const settings = settingsOf(float.network, { formula, bondsPenaltyU16: penaltyU16 });
  const run = (): void => {
    kernel.run(settings);
  };
  const times = Array.from({ length: ROUNDS }, () => timed(run, 40));
  return { formula, penaltyU16, fixedMs: rounded(spread(times).median) };
}

/** Both with the inputs of the last epoch and the bonds that the earlier ones left. */
function steadyState(network: Network): { kernel: EpochKernel; float: FloatArrays; entries: number } {
  const kernel = new EpochKernel();
  const most = Math.max(...network.weights.map(({ columns }) => columns.length));
  kernel.reserve({ neurons: network.neurons, weights: most, bonds: network.validators * network.miners });
  const { inputs } = kernel;
  inputs.stake.set(network.stake);
  inputs.lastUpdate.set(network.lastUpdate);
  inputs.registeredAt.set(network.registeredAt);
  inputs.oldestCommit.fill(Number.POSITIVE_INFINITY);
  inputs.permit.set(network.permit);
  inputs.bonds.starts.fill(0);
  for (const [epoch, rows] of network.weights.entries()) {
    copyRows(rows, inputs.weights);
    if (epoch === network.weights.length - 1) break;
    runKernel(kernel, network);
    kernel.carryBonds();
  }
  const last = network.weights.at(-1);
  if (last === undefined) throw new Error('a network without weights');
  const float = floatArrays(network, last, inputs.bonds.columns.length);
  copyRows(inputs.bonds, float.bonds);
  return { kernel, float, entries: last.columns.length };
}

function copyRows(from: Rows, to: Rows): void {
  to.starts.set(from.starts);
  to.columns.set(from.columns.subarray(0, to.columns.length));
  to.values.set(from.values.subarray(0, to.values.length));
}

function runKernel(kernel: EpochKernel, network: Network): void {
  kernel.run(settingsOf(network, {}));
}

function settingsOf(network: Network, change: Partial<EpochParameters>): Parameters<EpochKernel['run']>[0] {
  const parameters: EpochParameters = {
    formula: 'yuma3',
    kappaU16: network.kappaU16,
    bondsPenaltyU16: 65_535,
    bondsMovingAveragePpm: 900_000,
    liquidAlpha: { lowU16: 45_875, highU16: 58_982, steepnessHundredths: 1000 },
    tempo: 360,
    activityCutoffBlocks: 5000,
    maxValidators: 64,
    minStake: 0n,
    bondMask: 'epoch',
    permitRule: 'nonzero',
    clearBonds: 'without-next-permit',
    ...change,
  };
  return { block: BLOCK, lastEpochBlock: BLOCK - 360, ownerUid: null, parameters };
}

/** Rounds of samples of about 15 ms each, in turns, so that both meet the same noise. `entries` of about 30 ns make a run. */
function interleaved(fixed: () => void, float: () => void, entries: number): { fixed: Spread; float: Spread } {
  const runs = Math.max(1, Math.ceil(SAMPLE_MS / (entries * 30e-6)));
  const times: { fixed: number[]; float: number[] } = { fixed: [], float: [] };
  for (let round = -2; round < ROUNDS; round += 1) {
    const [one, other] = [timed(float, runs), timed(fixed, runs)];
    if (round < 0) continue; // the engine still optimises
    times.float.push(one);
    times.fixed.push(other);
  }
  return { fixed: spread(times.fixed), float: spread(times.float) };
}

/** ms a run */
function timed(run: () => void, runs: number): number {
  const started = performance.now();
  for (let index = 0; index < runs; index += 1) run();
  return (performance.now() - started) / runs;
}

function spread(times: readonly number[]): Spread {
  const sorted = times.toSorted((left, right) => left - right);
  return { min: sorted[0] ?? 0, median: sorted[Math.floor(sorted.length / 2)] ?? 0 };
}

const rounded = (value: number): number => Number(value.toPrecision(3));
const show = ({ min, median }: Spread): string => `${rounded(min)} / ${rounded(median)} ms (minimum / median)`;
