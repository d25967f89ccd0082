import { payPots, splitEmission, type EmissionInputs } from '../src/emission.ts';
import { HALF, ONE } from '../src/fixed.ts';
import type { ReferenceCheck } from './reference-checks.ts';

const check = (name: string, run: () => unknown, expected: unknown): ReferenceCheck => ({ name, run, expected });
const messageOf = (act: () => unknown): string => {
  try {
    act();
    return 'nothing';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

const earned: EmissionInputs = {
  incentive: [0n, 0n, HALF, HALF],
  dividends: [ONE, 0n, 0n, 0n],
  activeStake: [ONE, 0n, 0n, 0n],
  stake: [HALF, HALF, 0n, 0n],
};
const nothing = [0n, 0n, 0n, 0n];
const POTS = { miners: 100n, validators: 300n };
const paid = (change: Partial<EmissionInputs>) => () => payPots({ ...earned, ...change }, POTS);

/** Who is paid of what, when somebody earned nothing. */
export const EMISSION_CHECKS: readonly ReferenceCheck[] = [
  check('each of its own pot', paid({}), {
    incentive: [0n, 0n, 50n, 50n],
    dividends: [300n, 0n, 0n, 0n],
    unattributed: 0n,
  }),
  check('no miner earned: validators get both', paid({ incentive: nothing }), {
    incentive: nothing,
    dividends: [400n, 0n, 0n, 0n],
    unattributed: 0n,
  }),
  check('no dividends: miners get both', paid({ dividends: nothing }), {
    incentive: [0n, 0n, 200n, 200n],
    dividends: nothing,
    unattributed: 0n,
  }),
  check('neither: by active stake', paid({ incentive: nothing, dividends: nothing }), {
    incentive: nothing,
    dividends: [400n, 0n, 0n, 0n],
    unattributed: 0n,
  }),
  check('nobody active: by all stake', paid({ incentive: nothing, dividends: nothing, activeStake: nothing }), {
    incentive: nothing,
    dividends: [200n, 200n, 0n, 0n],
    unattributed: 0n,
  }),
  check(
    'no stake at all: nobody',
    paid({ incentive: nothing, dividends: nothing, activeStake: nothing, stake: nothing }),
    {
      incentive: nothing,
      dividends: nothing,
      unattributed: 400n,
    },
  ),
  check('one pot, by the common sum', () => splitEmission(earned, 1000n), {
    servers: [0n, 0n, 250n, 250n],
    validators: [500n, 0n, 0n, 0n],
    combined: [500n, 0n, 250n, 250n],
    unattributed: 0n,
  }),
  check(
    'shares of more than one are a bug',
    () => messageOf(() => payPots({ ...earned, dividends: [ONE, HALF, 0n, 0n] }, POTS)),
    'an epoch would pay 150 more than its pot of 400',
  ),
];
