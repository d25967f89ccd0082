import type { Row } from '@subnetes/consensus/sparse';
import { SeededNumbers } from './seeded-numbers.ts';
import { type Intruders, type Market, scaledRow } from './market.ts';

/** The attacks that are drilled. */
export const ATTACKS = [
  'none',
  'sybil-swarm',
  'cabal',
  'careful-cabal',
  'weight-copier',
  'late-revealer',
  'lazy',
  'flat',
  'inverting',
  'self-weighting',
  'bond-hoarder',
] as const;
export type AttackName = (typeof ATTACKS)[number];

/** What an attacker knows when it makes its row. */
export interface AttackView {
  readonly market: Market;
  /** The validator's own uid. */
  readonly uid: number;
  /** The interval in which the row is committed, and the one from which attackers are no longer honest. */
  readonly interval: number;
  readonly attackFrom: number;
  /** The consensus of the newest rows of others that can be read; empty when there are none. */
  readonly visible: Row<number>;
}

export interface Attack {
  /** One sentence: what it does. */
  readonly what: string;
  readonly intruders: Intruders;
  /** Attacking miners register only when the attack begins. */
  readonly joinsLate: boolean;
  /** The first attacking validator owns the subnet, so that its weight on itself counts. */
  readonly ownsSubnet: boolean;
  /** Of the new row and the one in force, it reveals whichever is nearer to what the others have revealed. */
  readonly choosesReveal: boolean;
  /** The row of a validator once the attack has begun. */
  readonly row: (view: AttackView) => Row<number>;
}

const WHOLE = 1_000_000;
const NOBODY: Intruders = { validators: 0, miners: 0, minerQuality: null };
const ONE_VALIDATOR: Intruders = { validators: 1, miners: 0, minerQuality: null };
const CABAL: Intruders = { validators: 4, miners: 8, minerQuality: null };
const PLAIN = { joinsLate: false, ownsSubnet: false, choosesReveal: false };

const honest = ({ market, uid, interval }: AttackView): Row<number> => market.observed(uid, interval);

export const ATTACK_CATALOGUE: Readonly<Record<AttackName, Attack>> = {
  none: { ...PLAIN, what: 'everybody is honest', intruders: ONE_VALIDATOR, row: honest },
  'sybil-swarm': {
    ...PLAIN,
    what: 'sixteen identities serve one weak model, a standard deviation below the middle',
    intruders: { ...NOBODY, miners: 16, minerQuality: -65_536 },
    joinsLate: true,
    row: honest,
  },
  cabal: {
    ...PLAIN,
    what: 'four validators give everything to eight sham miners of theirs',
    intruders: CABAL,
    row: ({ market, uid, interval }) =>
      jittered(market.attackingMiners, new SeededNumbers(market.spec.seed, `cabal ${uid} ${interval}`)),
  },
  'careful-cabal': {
    ...PLAIN,
    what: 'the same four give the sham miners a fifth and judge honestly with the rest',
    intruders: CABAL,
    row: (view) => withShare(honest(view), view.market.attackingMiners, WHOLE / 5),
  },
  'weight-copier': {
    ...PLAIN,
    what: 'a validator sends the newest consensus that it can read, and judges nobody',
    intruders: ONE_VALIDATOR,
    row: ({ visible }) => visible,
  },
  'late-revealer': {
    ...PLAIN,
    what: 'a copier that waits for the others and then reveals its new row or keeps its old one, whichever fits better',
    intruders: ONE_VALIDATOR,
    choosesReveal: true,
    row: ({ visible }) => visible,
  },
  lazy: {
    ...PLAIN,
    what: 'a validator sends the row of the day it stopped judging, for ever',
    intruders: ONE_VALIDATOR,
    row: ({ market, uid, attackFrom }) => market.observed(uid, attackFrom),
  },
  flat: {
    ...PLAIN,
    what: 'a validator whose judge has failed gives everybody the same score',
    intruders: ONE_VALIDATOR,
    row: ({ market }) => [...market.honestMiners, ...market.attackingMiners].map((uid) => [uid, 24_576] as const),
  },
  inverting: {
    ...PLAIN,
    what: 'a validator turns its scores upside down',
    intruders: ONE_VALIDATOR,
    row: (view) => inverted(honest(view)),
  },
  'self-weighting': {
    ...PLAIN,
    what: "the subnet's owner validates and gives itself half of its weight",
    intruders: ONE_VALIDATOR,
    ownsSubnet: true,
    row: (view) => withShare(honest(view), [view.uid], WHOLE / 2),
  },
  'bond-hoarder': {
    ...PLAIN,
    what: 'a validator judges until it holds bonds, then scores nobody and lives off them',
    intruders: ONE_VALIDATOR,
    row: () => [],
  },
};

/** Half to whole weight on each, anew every interval: rows that neither agree nor stand still. */
function jittered(uids: readonly number[], numbers: SeededNumbers): Row<number> {
  return scaledRow(uids.map((uid) => [uid, 32_768 + (numbers.next() >>> 17)] as const));
}

/** A row in which some uids together get a share (millionths) of everything, the others what is left in proportion. */
function withShare(row: Row<number>, uids: readonly number[], sharePpm: number): Row<number> {
  const others = row.filter(([uid]) => !uids.includes(uid));
  const total = others.reduce((sum, [, value]) => sum + value, 0);
  const each = Math.trunc((total * sharePpm) / ((WHOLE - sharePpm) * uids.length));
  const values = [...others, ...uids.map((uid) => [uid, each] as const)];
  return scaledRow(values.toSorted(([left], [right]) => left - right));
}

/** The best gets the score of the worst and the other way round: max + min - score. */
function inverted(row: Row<number>): Row<number> {
  const values = row.map(([, value]) => value);
  const sum = Math.max(...values) + Math.min(...values);
  return scaledRow(row.map(([uid, value]) => [uid, sum - value] as const));
}
