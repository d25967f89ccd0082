import type { ScoringPolicy } from '#domain/policy.ts';
import type { JudgedRow } from './fuzz-oracle.ts';
import type { FuzzRandom } from './fuzz-random.ts';
import { KNOWN_UIDS, POLICY, REGISTRATION } from './judged.ts';

/** A subnet as rows are judged in it. */
export interface RowWorld {
  readonly policy: ScoringPolicy;
  readonly ownUid: number;
  readonly knownUids: ReadonlySet<number>;
}

export const USUAL: RowWorld = { policy: POLICY, ownUid: REGISTRATION.uid, knownUids: KNOWN_UIDS };

const UP_TO_40 = new Set(Array.from({ length: 40 }, (_, uid) => uid));
export const WORLDS: readonly RowWorld[] = [
  USUAL,
  { ...USUAL, policy: { ...POLICY, minAllowedWeights: 9, maxWeightLimitU16: 65_535 } }, // more than there are others
  { policy: { ...POLICY, minAllowedWeights: 1, weightsVersionKey: 0n }, ownUid: 0, knownUids: new Set([0, 1]) },
  { policy: { ...POLICY, minAllowedWeights: 0 }, ownUid: 0, knownUids: new Set([0]) },
  { policy: { ...POLICY, minAllowedWeights: 30, maxWeightLimitU16: 3000 }, ownUid: 39, knownUids: UP_TO_40 },
];

const ODD = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -1,
  -0,
  0.5,
  65_535.5,
  65_536,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  1e308,
  Number.EPSILON,
];

/** A row that is valid more often than not, with something wrong somewhere in the rest. */
export function randomRow(random: FuzzRandom, world: RowWorld): JudgedRow {
  const share = random.pick([0.3, 0.85, 0.85, 1]);
  const uids = [...world.knownUids].filter((uid) => uid !== world.ownUid && random.chance(share));
  const least = 1 + random.below(32_000);
  const row: Draft = {
    uids,
    values: uids.map(() => least + random.below(least)),
    salt: Array.from({ length: random.below(18) }, () => random.below(65_536)),
    versionKey: world.policy.weightsVersionKey + BigInt(random.below(3)),
    report: { replayDay: random.pick(['', '2016-11-04']), miners: [] },
  };
  const faults = random.chance(0.45) ? 0 : 1 + random.below(2);
  for (let fault = 0; fault < faults; fault += 1) spoil(row, world, random);
  return row;
}

interface Draft {
  uids: number[];
  values: number[];
  salt: number[];
  versionKey: bigint;
  report: { replayDay: string; miners: JudgedRow['report']['miners'][number][] };
}

interface Place {
  readonly list: number[];
  readonly at: number;
  readonly world: RowWorld;
  readonly random: FuzzRandom;
}

function spoil(row: Draft, world: RowWorld, random: FuzzRandom): void {
  const list = random.pick([row.uids, row.values, row.salt]);
  random.pick(FAULTS)(row, { list, at: random.below(list.length + 1), world, random });
}

type Fault = (row: Draft, place: Place) => void;

const FAULTS: readonly Fault[] = [
  (_row, { list, at, random }) => void list.splice(at, 1, random.pick(ODD)),
  (_row, { list, at }) => void list.splice(at, 1),
  (_row, { list, at, random }) => void list.splice(at, 0, random.below(70_000)),
  (row, { at, world, random }) => insert(row, at, random.pick([world.ownUid, 5, 200, 65_535])),
  (row, { world, random }) => insertInOrder(row, random.pick([world.ownUid, world.knownUids.size, 65_535])),
  (row, { at }) => insert(row, at, row.uids[at] ?? row.uids[0] ?? 0), // twice
  (row) => void row.uids.reverse(),
  (row) => void row.values.fill(0),
  (row, { at }) => void row.values.splice(at, 1, 65_535), // too much of the row
  (row, { world, random }) => {
    // About as much as one weight may be of the row.
    const most = world.policy.maxWeightLimitU16;
    row.values = row.uids.map((_uid, at) => [most + random.below(4) - 1, 65_535 - most][at] ?? 0);
  },
  (row, { random }) => void (row.versionKey -= BigInt(random.below(5))),
  (row, { random }) => {
    const length = random.pick([255, 256, 257, 300]);
    row.uids = Array.from({ length }, (_, uid) => uid);
    row.values = row.uids.map(() => 1);
  },
  (row, { random }) => void (row.salt = Array.from({ length: random.pick([64, 65, 400]) }, () => 1)),
  (row) => void ([row.uids, row.values] = [[], []]),
  (row, { random }) => {
    row.report.replayDay = random.pick(['tomorrow', '2016-1-04', '2016-11-04 ', '2016-11-04\n', '٢٠١٦-١١-٠٤']);
  },
  (row, { random }) => void row.report.miners.push(oddMiner(random)),
  (row, { random }) => {
    row.report.miners = Array.from({ length: random.pick([256, 257]) }, () => miner({}));
  },
];

function insert(row: Draft, at: number, uid: number): void {
  row.uids.splice(at, 0, uid);
  row.values.splice(at, 0, 1);
}

function insertInOrder(row: Draft, uid: number): void {
  const at = row.uids.findIndex((each) => each > uid);
  insert(row, at === -1 ? row.uids.length : at, uid);
}

type Miner = JudgedRow['report']['miners'][number];

function miner(change: Partial<Miner>): Miner {
  return {
    uid: 0,
    registrationId: 'r0',
    loss: 0.5,
    judged: 1,
    answers: 2,
    invalid: 1,
    invalidReason: '',
    copy: false,
    copyOfUid: 0,
    similarityPpm: 0,
    ...change,
  };
}

function oddFaults(random: FuzzRandom): NonNullable<Miner['faults']> {
  const auditsSha256 = random.pick(['', 'ab', 'ab'.repeat(32)]);
  return { unanswered: random.below(3), failedAudits: random.below(4), auditsSha256 };
}

function oddMiner(random: FuzzRandom): Miner {
  return random.pick([
    miner({ loss: random.pick(ODD) }),
    miner({ invalid: random.below(5) }),
    miner({ similarityPpm: random.pick([999_999, 1_000_000, 1_000_001, 2 ** 32]) }),
    miner({ invalidReason: 'x'.repeat(random.pick([199, 200, 201, 5000])) }),
    miner({ faults: oddFaults(random) }),
    miner({}),
  ]);
}
