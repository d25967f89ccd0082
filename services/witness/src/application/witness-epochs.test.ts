import { sessionKeyOf } from '@subnetes/keys/session-key';
import { isWitnessedBy, type WitnessSignature } from '@subnetes/keys/witness';
import type { Clock } from '@subnetes/runtime/clock';
import { OutageError } from '@subnetes/runtime/errors';
import { expect, test } from 'vitest';
import type { Judgement } from './judge-epoch.ts';
import type { EpochName, LedgerJournal, ScoringEpochs } from './ports.ts';
import { witnessEpochs } from './witness-epochs.ts';

const networkId = new Uint8Array(32).fill(1);
const payment = { dueSequence: 9, inputsSha256: '11', outputsSha256: '22', neurons: [] };
const right: Judgement = { kind: 'right', payment };
const wrong: Judgement = { kind: 'wrong', refusal: { reason: 'SEAL_DIFFERS', field: 'due.block', message: 'other' } };

/** Runs so many rounds, each with what the ledger sealed by then, a minute apart where told so. */
async function run(options: {
  readonly rounds: readonly { readonly epochs: readonly EpochName[] | 'away'; readonly afterMs?: number }[];
  readonly judge: (name: EpochName) => Judgement | 'away';
}) {
  const told: string[] = [];
  const submitted: { readonly name: EpochName; readonly witness: WitnessSignature }[] = [];
  const stop = new AbortController();
  let round = 0;
  let nowMs = 0;
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    sleep: async () => {
      nowMs += options.rounds[round]?.afterMs ?? 500;
      round += 1;
      if (round === options.rounds.length) stop.abort();
    },
  };
  const away = (): Promise<never> => Promise.reject(new OutageError('peer', 'away'));
  const ledger: LedgerJournal = {
    network: away,
    seal: away,
    newestEpochs: async () => {
      const epochs = options.rounds[round]?.epochs ?? [];
      return epochs === 'away' ? away() : epochs;
    },
  };
  const scoring: ScoringEpochs = {
    epoch: away,
    signedRows: () => {
      throw new Error('not asked');
    },
    module: away,
    submit: async ({ netuid, index }, witness) => {
      submitted.push({ name: { netuid, index }, witness });
      return undefined;
    },
  };
  const judgeEpoch = async (name: EpochName): Promise<Judgement> => {
    told.push(`judge ${name.netuid}/${name.index}`);
    const judgement = options.judge(name);
    return judgement === 'away' ? away() : judgement;
  };
  const news = {
    signed: ({ netuid, index }: EpochName) => void told.push(`signed ${netuid}/${index}`),
    refused: ({ netuid }: EpochName, { reason }: { readonly reason: string }, again: boolean) =>
      void told.push(`refused ${netuid} ${reason}${again ? ' again' : ''}`),
    outage: () => void told.push('outage'),
    lookedAround: () => void told.push('round'),
  };
  const key = sessionKeyOf(new Uint8Array(32).fill(3));
  await witnessEpochs({ ledger, scoring, judgeEpoch, networkId, key, clock, news }, stop.signal);
  return { told, submitted };
}

const epoch = (netuid: number, index: number): EpochName => ({ netuid, index });

test('each epoch is signed once, the newest of each subnet', async () => {
  const { told, submitted } = await run({
    rounds: [{ epochs: [epoch(1, 4)] }, { epochs: [epoch(1, 4)] }, { epochs: [epoch(1, 5), epoch(2, 1)] }],
    judge: () => right,
  });
  expect(told.filter((line) => line.startsWith('signed'))).toEqual(['signed 1/4', 'signed 1/5', 'signed 2/1']);
  expect(told.filter((line) => line.startsWith('judge'))).toHaveLength(3);
  for (const { name, witness } of submitted) {
    expect(isWitnessedBy({ ...payment, ...name, networkId }, witness)).toBe(true);
    expect(isWitnessedBy({ ...payment, ...name, networkId, index: name.index + 1 }, witness)).toBe(false);
  }
});

test('what is not scored yet is asked for again, and what is wrong is not submitted', async () => {
  const judgements: Judgement[] = [{ kind: 'unscored' }, { kind: 'unscored' }, wrong];
  const { told, submitted } = await run({
    rounds: [
      { epochs: [epoch(1, 4)] },
      { epochs: [epoch(1, 4)] },
      { epochs: [epoch(1, 4)] },
      { epochs: [epoch(1, 4)] },
    ],
    judge: () => judgements.shift() ?? right,
  });
  expect(told.filter((line) => !line.startsWith('judge') && line !== 'round')).toEqual(['refused 1 SEAL_DIFFERS']);
  expect(submitted).toEqual([]);
});

test('what was refused is judged again after a minute, and told as the same', async () => {
  const judgements: Judgement[] = [wrong, wrong, right];
  const { told } = await run({
    rounds: [
      { epochs: [epoch(1, 4)], afterMs: 60_000 },
      { epochs: [epoch(1, 4)], afterMs: 60_000 },
      { epochs: [epoch(1, 4)] },
    ],
    judge: () => judgements.shift() ?? right,
  });
  expect(told.filter((line) => !line.startsWith('judge') && line !== 'round')).toEqual([
    'refused 1 SEAL_DIFFERS',
    'refused 1 SEAL_DIFFERS again',
    'signed 1/4',
  ]);
});

test('an epoch that scoring does not give holds up no other subnet, and an outage is waited out', async () => {
  const { told } = await run({
    rounds: [{ epochs: [epoch(1, 4), epoch(2, 9)] }, { epochs: 'away' }, { epochs: [epoch(1, 4), epoch(2, 9)] }],
    judge: ({ netuid }) => (netuid === 1 ? 'away' : right),
  });
  expect(told).toEqual(['judge 1/4', 'judge 2/9', 'signed 2/9', 'outage', 'outage', 'judge 1/4', 'outage']);
});
