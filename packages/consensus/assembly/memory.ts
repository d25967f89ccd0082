/**
 * Where everything lies. Arrays with one element a uid have fixed addresses and room for the most neurons, so that an
 * access by column is one instruction; a little more than their size apart, since addresses that agree in their low bits
 * get in one another's way. Rows come after them, laid out for the entries that an epoch has. `src/kernel-memory.ts`
 * keeps typed-array views on what is exported.
 */
const NEURONS_MAX: usize = 4096;
const PAGE: usize = 65_536;
const BASE: usize = 1024;
const STEP: usize = NEURONS_MAX * 8 + 320;

// Inputs. Blocks are float64, as JavaScript holds them: whole numbers below 2^53, compared as it compares them.
export const stake: usize = BASE;
export const lastUpdate: usize = BASE + STEP;
export const registeredAt: usize = BASE + 2 * STEP;
export const oldestCommit: usize = BASE + 3 * STEP;
// Outputs: shares.
export const stakeShare: usize = BASE + 4 * STEP;
export const activeStake: usize = BASE + 5 * STEP;
export const consensus: usize = BASE + 6 * STEP;
export const prerank: usize = BASE + 7 * STEP;
export const rank: usize = BASE + 8 * STEP;
export const trust: usize = BASE + 9 * STEP;
export const validatorTrust: usize = BASE + 10 * STEP;
export const incentive: usize = BASE + 11 * STEP;
export const dividends: usize = BASE + 12 * STEP;
export const minerPayouts: usize = BASE + 13 * STEP;
export const validatorPayouts: usize = BASE + 14 * STEP;
/** Renormalised stake of a voter, zero for everybody else. */
export const votes: usize = BASE + 15 * STEP;
/** Column totals of what is bought, of stored bonds, and of the pairs; the largest share of a column. */
export const purchaseSums: usize = BASE + 16 * STEP;
export const storedSums: usize = BASE + 17 * STEP;
export const pairSums: usize = BASE + 18 * STEP;
export const largestShares: usize = BASE + 19 * STEP;
/** Weight of the new observation, a column. */
export const columnAlphas: usize = BASE + 20 * STEP;
/** Stored bonds of the row at work, by column; zero between rows. */
export const held: usize = BASE + 21 * STEP;
/** Votes of a column stand from its start to its end, both counted in votes. */
export const slotStarts: usize = BASE + 22 * STEP;
export const slotEnds: usize = BASE + 23 * STEP;
// Smaller elements: flags, what is stored as u16, one masked row of bonds, and columns of a row's bonds without a weight.
export const permit: usize = BASE + 24 * STEP;
export const active: usize = permit + NEURONS_MAX;
export const permitApplied: usize = permit + 2 * NEURONS_MAX;
export const nextPermit: usize = permit + 3 * NEURONS_MAX;
export const stakeU16: usize = permit + 4 * NEURONS_MAX;
export const consensusU16: usize = permit + 6 * NEURONS_MAX;
export const trustU16: usize = permit + 8 * NEURONS_MAX;
export const validatorTrustU16: usize = permit + 10 * NEURONS_MAX;
export const incentiveU16: usize = permit + 12 * NEURONS_MAX;
export const dividendsU16: usize = permit + 14 * NEURONS_MAX;
export const maskedColumns: usize = permit + 16 * NEURONS_MAX;
export const maskedValues: usize = permit + 18 * NEURONS_MAX;
export const leftColumns: usize = permit + 20 * NEURONS_MAX;
const ROWS: usize = permit + 22 * NEURONS_MAX;

export let neurons: u32 = 0;
export let weightCapacity: u32 = 0;
export let bondCapacity: u32 = 0;

// Input rows: the entries of uid i stand from starts[i] to starts[i + 1].
export let weightStarts: usize = 0;
export let weightColumns: usize = 0;
export let weightValues: usize = 0;
export let bondStarts: usize = 0;
export let bondColumns: usize = 0;
export let bondValues: usize = 0;
// Weights after masks, as units and normalised.
export let rowStarts: usize = 0;
export let rowColumns: usize = 0;
export let rowUnits: usize = 0;
export let rowValues: usize = 0;
// Pairs of the bond update: kept bonds of Yuma 3, column shares of Yuma 2.
export let pairStarts: usize = 0;
export let pairColumns: usize = 0;
export let pairValues: usize = 0;
// Next epoch's stored bonds.
export let nextStarts: usize = 0;
export let nextColumns: usize = 0;
export let nextValues: usize = 0;
// Votes by column, weight - 1 and stake.
export let slotValues: usize = 0;
export let slotStakes: usize = 0;

let top: usize = ROWS;

function take(count: u32, bytesEach: usize): usize {
  const address = top;
  top = (top + <usize>count * bytesEach + 15) & ~(<usize>15);
  return address;
}

/**
 * Lays out memory for a network; contents are undefined after it. The result is false when the engine has no such memory.
 * Loops that store first and then decide whether to advance, and vectors, touch up to 16 bytes beyond an array.
 */
export function reserve(count: u32, weights: u32, bonds: u32): bool {
  top = ROWS;
  neurons = count;
  weightCapacity = weights;
  bondCapacity = bonds;
  weightStarts = take(count + 1, 4);
  weightColumns = take(weights + 8, 2);
  weightValues = take(weights + 8, 2);
  bondStarts = take(count + 1, 4);
  bondColumns = take(bonds + 8, 2);
  bondValues = take(bonds + 8, 2);
  rowStarts = take(count + 1, 4);
  rowColumns = take(weights + 8, 2);
  rowUnits = take(weights + 8, 2);
  rowValues = take(weights + 2, 8);
  const pairs = weights + bonds;
  pairStarts = take(count + 1, 4);
  pairColumns = take(pairs + 8, 2);
  pairValues = take(pairs + 2, 8);
  nextStarts = take(count + 1, 4);
  nextColumns = take(pairs + 8, 2);
  nextValues = take(pairs + 8, 2);
  slotValues = take(weights + 4, 4);
  slotStakes = take(weights + 4, 4);
  const pages = <i32>((top + PAGE - 1) / PAGE) - memory.size();
  return pages <= 0 || memory.grow(pages) >= 0;
}
