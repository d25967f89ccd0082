import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EpochInputs } from '../epoch-inputs.ts';
import type { FaultRow } from './fault.ts';
import { measureFaults } from './measure-faults.ts';

const U16_MAX = 65_535n;

interface Voter {
  readonly stake: bigint;
  /** What it says of the miner; undefined: it sent no row. */
  readonly says: number | undefined;
  readonly lies: boolean;
}

const voter = fc.record({
  stake: fc.bigInt({ min: 0n, max: 1_000_000n }),
  says: fc.option(fc.nat({ max: 50 }), { nil: undefined }),
  lies: fc.boolean(),
});
const market = fc.record({
  voters: fc.array(voter, { minLength: 1, maxLength: 12 }),
  kappaU16: fc.nat({ max: 65_535 }),
});

function countOf(voters: readonly Voter[], kappaU16: number): number {
  const neurons = [{ stake: 0n }, ...voters].map(({ stake }, uid) => ({
    uid,
    hotkey: `h${uid}`,
    registrationId: `r${uid}`,
    stake,
  }));
  const epoch = {
    parameters: { kappaU16, minStake: 0n },
    neurons: neurons.map(({ stake, uid }) => ({ stake, permit: uid > 0 })),
  };
  const inputs = { due: { index: 1, block: 20, neurons }, mechanisms: [{ id: 0, emissionWeight: 1, epoch }] };
  const rows = voters.flatMap(({ says }, at): FaultRow[] =>
    says === undefined
      ? []
      : [
          {
            validatorUid: at + 1,
            mechanismId: 0,
            source: 'Open',
            interval: 1,
            sequence: '1',
            faults: [['r0', says, 0, '']],
          },
        ],
  );
  const measured = measureFaults(inputs as unknown as Pick<EpochInputs, 'due' | 'mechanisms'>, '', {
    rows,
    types: ['Unavailable'],
  });
  return measured[0]?.epoch.count ?? 0;
}

const sumOf = (voters: readonly Voter[]): bigint => voters.reduce((sum, { stake }) => sum + stake, 0n);

test('liars with half of the stake or less make no fault of a miner that answered', () => {
  fc.assert(
    fc.property(market, ({ voters, kappaU16 }) => {
      const said = voters.map((each) =>
        each.lies ? each : { ...each, says: each.says === undefined ? undefined : 0 },
      );
      const liars = said.filter(({ lies }) => lies);
      fc.pre(sumOf(liars) * 2n <= sumOf(said));
      expect(countOf(said, kappaU16)).toBe(0);
    }),
    { numRuns: 1000 },
  );
});

test('more than half of the stake, and more than kappa, says as many, and not so much says more', () => {
  fc.assert(
    fc.property(market, ({ voters, kappaU16 }) => {
      const count = countOf(voters, kappaU16);
      const total = sumOf(voters);
      const atLeast = (least: number): bigint => sumOf(voters.filter(({ says = 0 }) => says >= least));
      const isEnough = (stake: bigint): boolean => stake * 2n > total && stake * U16_MAX > BigInt(kappaU16) * total;
      expect([count === 0 || isEnough(atLeast(count)), isEnough(atLeast(count + 1))]).toEqual([true, false]);
    }),
    { numRuns: 1000 },
  );
});
