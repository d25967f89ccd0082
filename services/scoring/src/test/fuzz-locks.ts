import { create, toBinary } from '@bufbuild/protobuf';
import { WeightsCommitSchema } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { beaconKeyOf } from '@subnetes/timelock/beacon';
import { lockUntil, type Unlock, unlocker } from '@subnetes/timelock/time-lock';
import { readPayload } from '#adapters/read-weights.ts';
import { VALID_PAYLOADS } from './fuzz-payloads.ts';
import { type FuzzRandom, mutate } from './fuzz-random.ts';
import { codeOf, type FuzzRun, type FuzzSubject } from './fuzz-run.ts';
import { BEACON, KNOWN_UIDS, NOW_MS, REGISTRATION, SENDER, subnetWith } from './judged.ts';

const KEY = beaconKeyOf(new Uint8Array(32).fill(5));
const OWN_BEACON = { ...BEACON, publicKey: KEY.publicKey };
/** The next that comes out. */
const ROUND = 1001;
/** The last in four tempos of twenty blocks of ten minutes from round 1000 on. */
const LATEST = 17_000;
const SUBNET = subnetWith({ commitReveal: { type: 'Timelock', revealPeriodEpochs: 2, beacon: OWN_BEACON } });

/** Weights locked for the next round, and what opens them. */
export interface Locked {
  readonly file: Uint8Array;
  readonly content: Uint8Array;
  readonly unlock: Unlock;
}

export function lockedWeights(): Locked {
  const content = VALID_PAYLOADS.locked;
  return { content, file: lockUntil(OWN_BEACON, ROUND, content), unlock: unlocker(KEY.sign(ROUND)) };
}

/** A commit of changed locked bytes is taken when they name one round that comes out in time. */
export function fuzzLock(
  run: FuzzRun,
  random: FuzzRandom,
  { locked, subject }: { readonly locked: Locked; readonly subject: FuzzSubject },
): void {
  const timelock = random.chance(0.5) ? mutate(locked.file, [locked.file], random) : withOtherHeader(locked, random);
  const bytes = toBinary(WeightsCommitSchema, create(WeightsCommitSchema, { netuid: 1, interval: 5n, timelock }));
  const round = roundOf(timelock);
  run.judge(
    'lock',
    () => Buffer.from(timelock).toString('hex'),
    round !== undefined && round >= ROUND && round <= LATEST,
    () => {
      const opened = readPayload('commit', bytes, { sender: SENDER, envelope: bytes });
      if ('refusal' in opened) return opened.refusal.code;
      if (opened.submission.kind !== 'commit') return 'NO_COMMIT_AT_ALL';
      const who = { registration: REGISTRATION, block: 100, lastSequence: 8n, knownUids: KNOWN_UIDS, hasPermit: true };
      const facts = { ...who, subnet: SUBNET, nowMs: NOW_MS, hasBeacon: true, existing: undefined };
      return codeOf(subject.decideCommit(opened.submission.value, SENDER, facts));
    },
  );
}

function withOtherHeader({ file }: Locked, random: FuzzRandom): Uint8Array {
  const text = Buffer.from(file).toString('latin1');
  const rounds = [
    '0',
    '01001',
    '1',
    '1000',
    '1001',
    '17000',
    '17001',
    '999999999999999',
    '1000000000000000',
    '-1',
    '1e3',
  ];
  const changed = random.pick([
    () => text.replace(`tlock ${ROUND}`, `tlock ${random.pick(rounds)}`),
    () => text.replace(BEACON.chainHash, random.pick([BEACON.chainHash.toUpperCase(), 'ab'.repeat(32), ''])),
    () => text.replace('-> tlock', `-> X25519 abc\n${'A'.repeat(random.pick([0, 43, 63, 64]))}\n-> tlock`),
    () => text.replace('-> tlock', `-> tlock ${ROUND} ${BEACON.chainHash}\n\n-> tlock`),
    () => text.replaceAll('\n', '\r\n'),
  ])();
  return Uint8Array.from(Buffer.from(changed, 'latin1'));
}

/** The round of the only `tlock` stanza for the beacon, read line by line as the age format has it. */
function roundOf(file: Uint8Array): number | undefined {
  const [first, ...lines] = Buffer.from(file.subarray(0, 2048)).toString('latin1').split('\n');
  const isBase64 = (text: string): boolean => Buffer.from(text, 'base64').toString('base64').split('=')[0] === text;
  const found: string[] = [];
  let line = lines.shift() ?? '';
  let stanzas = 0;
  for (; line.startsWith('-> '); line = lines.shift() ?? '', stanzas += 1) {
    if (
      !line
        .slice(3)
        .split(' ')
        .every((word) => /^[!-~]+$/.test(word))
    )
      return undefined;
    const body: string[] = [];
    do body.push(lines.shift() ?? '');
    while (body.at(-1)?.length === 64);
    if ((body.at(-1)?.length ?? 0) > 64 || !/^[A-Za-z0-9+/]*$/.test(body.join(''))) return undefined;
    const [kind, round = '', chain = '', ...more] = line.slice(3).split(' ');
    if (kind !== 'tlock' || more.length > 0 || !/^[1-9]\d{0,14}$/.test(round) || !/^[0-9a-f]{64}$/.test(chain))
      continue;
    if (!isBase64(body.join(''))) return undefined;
    found.push(chain === BEACON.chainHash ? round : '0');
  }
  const mac = /^--- (.{43})$/.exec(line)?.[1] ?? '-';
  const after = Buffer.from(file).toString('latin1').split(`\n--- ${mac}\n`).slice(1).join(`\n--- ${mac}\n`);
  const isWhole = first === 'age-encryption.org/v1' && stanzas > 0 && isBase64(mac) && after.length >= 32;
  return isWhole && found.length === 1 && lines.length > 0 ? Number(found[0]) : undefined;
}

/** Changed locked bytes open to what was locked, or not at all. */
export function fuzzOpening(run: FuzzRun, random: FuzzRandom, { file, content, unlock }: Locked): void {
  const changed = mutate(file, [file], random);
  run.judge(
    'opening of a lock',
    () => Buffer.from(changed).toString('hex'),
    Buffer.from(changed).equals(file),
    () => {
      const opened = unlock(changed);
      if (opened === undefined) return 'TIMELOCK_DECRYPT_FAILED';
      return Buffer.from(opened).equals(content) ? undefined : 'OPENED_TO_SOMETHING_ELSE';
    },
  );
}
