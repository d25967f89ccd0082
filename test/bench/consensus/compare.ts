import type { KernelOutputs } from '@subnetes/consensus/kernel-memory';
import type { FloatArrays, ShareName } from './float-arrays.ts';

/**
 * How far apart the two may be. float64 rounds what fixed point floors, 2^-32 at a time and some hundreds of times: 10^-7 on
 * these networks, which have no ties. A median that is another validator's weight is further away than this.
 */
const SHARE_DISTANCE_MAX = 1e-6;
/** Bonds are floored once an epoch, and a value that is a whole number of units may land just below it. */
const BOND_UNITS_MAX = 1;

const SHARES: readonly ShareName[] = [
  'stake',
  'activeStake',
  'consensus',
  'prerank',
  'rank',
  'validatorTrust',
  'incentive',
  'dividends',
];

/** Throws unless kernel and yardstick say the same, so that a kernel that skips something cannot win. Returns the largest distance. */
export function compare(kernel: KernelOutputs, float: FloatArrays): number {
  const { neurons } = float.network;
  let largest = 0;
  for (const name of SHARES) {
    for (let uid = 0; uid < neurons; uid += 1) {
      const distance = Math.abs(Number(kernel[name][uid] ?? 0n) / 2 ** 32 - (float[name][uid] ?? 0));
      largest = Math.max(largest, distance);
      if (!(distance <= SHARE_DISTANCE_MAX))
        throw new Error(`${name}[${uid}]: kernel and float64 are ${distance} apart`);
    }
  }
  compareTrust(kernel, float);
  compareBonds(kernel, float);
  if (!float.incentive.some((share) => share > 0)) throw new Error('nobody earned anything: this measures nothing');
  return largest;
}

/** Trust is a quotient of two small numbers, so its distance is theirs, relatively. */
function compareTrust(kernel: KernelOutputs, { network, trust, prerank }: FloatArrays): void {
  for (let uid = 0; uid < network.neurons; uid += 1) {
    const distance = Math.abs(Number(kernel.trust[uid] ?? 0n) / 2 ** 32 - (trust[uid] ?? 0));
    if (!(distance * Math.max(prerank[uid] ?? 0, SHARE_DISTANCE_MAX) <= SHARE_DISTANCE_MAX))
      throw new Error(`trust[${uid}]: kernel and float64 are ${distance} apart`);
  }
}

function compareBonds({ bonds }: KernelOutputs, { network, next }: FloatArrays): void {
  const [ours, theirs] = [new Int32Array(network.neurons), new Int32Array(network.neurons)];
  for (let uid = 0; uid < network.neurons; uid += 1) {
    ours.fill(0);
    theirs.fill(0);
    for (let at = bonds.starts[uid] ?? 0; at < (bonds.starts[uid + 1] ?? 0); at += 1)
      ours[bonds.columns[at] ?? 0] = bonds.values[at] ?? 0;
    for (let at = next.starts[uid] ?? 0; at < (next.starts[uid + 1] ?? 0); at += 1)
      theirs[next.columns[at] ?? 0] = next.values[at] ?? 0;
    for (const [column, units] of ours.entries()) {
      if (Math.abs(units - (theirs[column] ?? 0)) > BOND_UNITS_MAX)
        throw new Error(`bond ${uid} on ${column}: ${units} units, float64 ${theirs[column]}`);
    }
  }
}
