import { create, type DescMessage, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { publicKeyOf } from '@subnetes/keys/ss58';
import { pairOfSeed } from '@subnetes/keys/sr25519-pair';
import {
  type MinerReport,
  type ReportSchema,
  TimelockedWeightsSchema,
  WeightsCommitSchema,
  WeightsRevealSchema,
  WeightsSetSchema,
} from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { readPayload, readTimelocked } from '#adapters/read-weights.ts';
import type { MinerFaults } from '#domain/report.ts';
import { isValidRow } from './fuzz-oracle.ts';
import { type FuzzRandom, mutate } from './fuzz-random.ts';
import { randomRow, USUAL } from './fuzz-rows.ts';
import { codeOf, type FuzzRun, type FuzzSubject, LOCKED, OFF, WINDOW } from './fuzz-run.ts';
import { KNOWN_UIDS, NOW_MS, POLICY, REGISTRATION, SENDER, STORED, subnetWith } from './judged.ts';

export const PAIR = pairOfSeed(new Uint8Array(32).fill(9));
export const REGISTRATION_ID = 'ab'.repeat(32);

const HOTKEY = publicKeyOf(PAIR.address) ?? new Uint8Array();
const ID_BYTES = Uint8Array.from(Buffer.from(REGISTRATION_ID, 'hex'));
const OWN = { ...REGISTRATION, hotkey: PAIR.address, registrationId: REGISTRATION_ID };
const OWN_SENDER = { ...SENDER, hotkey: PAIR.address, registrationId: REGISTRATION_ID };
const SALTED = subnetWith({});
const KINDS = ['commit', 'reveal', 'set', 'locked'] as const;

type Kind = (typeof KINDS)[number];
type Target = Readonly<Record<'netuid' | 'mechanismId' | 'interval', number>>;

/** A payload of each kind that is taken, for changes of its bytes. */
export const VALID_PAYLOADS: Readonly<Record<Kind, Uint8Array>> = (() => {
  const row = { uids: [0, 1, 4], values: [10, 10, 5], versionKey: 5n };
  const faults = { unanswered: 1, failedAudits: 1, auditsSha256: ID_BYTES };
  const judged = { registrationId: ID_BYTES, loss: 0.25, answers: 9, invalid: 1, invalidReason: 'late', ...faults };
  const full = { ...row, salt: [1, 2], report: { replayDay: '2016-11-04', miners: [{ uid: 1, ...judged }] } };
  const target = { netuid: 1, mechanismId: 0, interval: 5 };
  const of = (kind: Kind): Uint8Array => encoded(kind, target, full);
  return { commit: of('commit'), reveal: of('reveal'), set: of('set'), locked: of('locked') };
})();

interface EncodableRow {
  readonly uids: number[];
  readonly values: number[];
  readonly salt: number[];
  readonly versionKey: bigint;
  readonly report: MessageInitShape<typeof ReportSchema>;
}

function encoded(kind: Kind, target: Target, row: EncodableRow): Uint8Array {
  const { netuid, mechanismId } = target;
  const interval = BigInt(target.interval);
  const { salt, ...open } = row;
  const at = { netuid, mechanismId };
  switch (kind) {
    case 'commit':
      return bytesOf(WeightsCommitSchema, { ...at, interval, commitHash: new Uint8Array(32).fill(3) });
    case 'reveal':
      return bytesOf(WeightsRevealSchema, { ...open, ...at, commitInterval: interval, salt });
    case 'set':
      return bytesOf(WeightsSetSchema, { ...open, ...at });
    case 'locked':
      return bytesOf(TimelockedWeightsSchema, { ...open, ...at, interval, hotkey: HOTKEY, registrationId: ID_BYTES });
  }
}

function bytesOf<Desc extends DescMessage>(schema: Desc, message: MessageInitShape<Desc>): Uint8Array {
  return toBinary(schema, create(schema, message));
}

/** Bytes of a payload, changed: read as the service does, and by the protobuf library alone for the rules. */
export function fuzzPayload(run: FuzzRun, random: FuzzRandom, subject: FuzzSubject): void {
  const kind = random.pick(KINDS);
  const bytes = random.chance(0.5) ? generated(kind, random) : VALID_PAYLOADS[kind];
  const changed = random.chance(0.4) ? bytes : mutate(bytes, Object.values(VALID_PAYLOADS), random);
  run.judge(
    `${kind} payload`,
    () => Buffer.from(changed).toString('hex'),
    isValidPayload(kind, changed),
    () => (kind === 'locked' ? openLocked(changed, subject) : submit(kind, changed, subject)),
  );
}

/** A generated row as somebody could have encoded it, for a subnet, mechanism and interval that are right mostly. */
function generated(kind: Kind, random: FuzzRandom): Uint8Array {
  const { uids, values, salt = [], versionKey, report } = randomRow(random, USUAL);
  const u32 = (numbers: readonly number[]): number[] => numbers.map((number) => number >>> 0);
  const mostly = (usual: number): number =>
    random.chance(0.9) ? usual : random.pick([0, 1, 4, 6, 65_537, 4_294_967_295]);
  const miners = report.miners.map(({ faults, ...miner }) => ({
    ...miner,
    registrationId: ID_BYTES,
    similarityPpm: miner.similarityPpm >>> 0,
    ...(faults === undefined ? {} : { ...faults, auditsSha256: Buffer.from(faults.auditsSha256, 'hex') }),
  }));
  return encoded(
    kind,
    { netuid: mostly(1), mechanismId: mostly(0), interval: mostly(5) },
    {
      uids: u32(uids),
      values: u32(values),
      salt: u32(salt),
      versionKey: BigInt.asUintN(64, versionKey),
      report: { ...report, miners },
    },
  );
}

function submit(kind: Exclude<Kind, 'locked'>, bytes: Uint8Array, subject: FuzzSubject): string | undefined {
  const opened = readPayload(kind, bytes, { sender: OWN_SENDER, envelope: bytes });
  if ('refusal' in opened) return opened.refusal.code;
  const { submission } = opened;
  const { netuid, mechanismId } = submission.value;
  const common = { registration: OWN, block: 100, lastSequence: 8n, knownUids: KNOWN_UIDS, hasPermit: true };
  const subnet = (known: typeof OFF): typeof OFF | undefined => (netuid === 1 ? known : undefined);
  if (submission.kind === 'commit') {
    const facts = { ...common, nowMs: NOW_MS, hasBeacon: true, existing: undefined, subnet: subnet(SALTED) };
    return codeOf(subject.decideCommit(submission.value, OWN_SENDER, facts));
  }
  const { hash } = submission;
  if (submission.kind === 'set') {
    const facts = { ...common, hash, inForce: undefined, subnet: subnet(OFF) };
    return codeOf(subject.decideSet(submission.value, OWN_SENDER, facts));
  }
  // Committed with the hash that the changed reveal itself has: rows that pass are looked for, not hashes that differ.
  const isCommitted = mechanismId === 0 && submission.value.commitInterval === 5;
  const commit = isCommitted ? { ...STORED, hash: hash ?? '' } : undefined;
  const facts = { ...common, hash, commit, subnet: subnet(WINDOW) };
  return codeOf(subject.decideReveal(submission.value, OWN_SENDER, facts));
}

function openLocked(bytes: Uint8Array, subject: FuzzSubject): string | undefined {
  const read = readTimelocked(bytes);
  if (read === undefined) return 'TIMELOCK_PAYLOAD_MALFORMED';
  const commit = { ...LOCKED, registrationId: REGISTRATION_ID };
  const facts = { subnet: WINDOW, registration: OWN, knownUids: KNOWN_UIDS };
  return codeOf(subject.decideOpening(commit, read.weights, facts));
}

function isValidPayload(kind: Kind, bytes: Uint8Array): boolean {
  const message = messageOf(kind, bytes);
  if (message?.netuid !== 1 || message.mechanismId !== 0) return false;
  if ('interval' in message && message.interval !== 5n) return false;
  if ('commitInterval' in message && message.commitInterval !== 5n) return false;
  if ('commitHash' in message) return message.commitHash.length === 32 && message.timelock.length === 0;
  if ('hotkey' in message) {
    const isOwn = Buffer.from(message.hotkey).equals(HOTKEY) && Buffer.from(message.registrationId).equals(ID_BYTES);
    if (!isOwn) return false;
  }
  const { miners = [], replayDay = '' } = message.report ?? {};
  const report = { replayDay, miners: miners.map((each) => ({ ...each, registrationId: '', faults: faultsOf(each) })) };
  return isValidRow({ ...message, report }, POLICY, REGISTRATION.uid, KNOWN_UIDS);
}

function faultsOf({ unanswered, failedAudits, auditsSha256 }: MinerReport): MinerFaults {
  return { unanswered, failedAudits, auditsSha256: Buffer.from(auditsSha256).toString('hex') };
}

function messageOf(kind: Kind, bytes: Uint8Array) {
  try {
    if (kind === 'commit') return fromBinary(WeightsCommitSchema, bytes);
    if (kind === 'reveal') return fromBinary(WeightsRevealSchema, bytes);
    if (kind === 'set') return fromBinary(WeightsSetSchema, bytes);
    return fromBinary(TimelockedWeightsSchema, bytes);
  } catch {
    return undefined; // no such message
  }
}
