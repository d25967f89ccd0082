import process from 'node:process';

/** Where tests on chance begin, and how long they go on; a failure names what to set to see it again. */
export const METER_SEED = numberOf('METER_SEED', 1);
export const FUZZ_SEED = numberOf('FUZZ_SEED', 1);
export const FUZZ_ROUNDS = numberOf('FUZZ_ROUNDS', 100_000);

function numberOf(name: string, otherwise: number): number {
  return Number(process.env[name] ?? otherwise);
}
