import { openMissedCommit, openSignedRow } from '@subnetes/replay/signed-row';
import { type ClaimedRow, type PaidRow, type RowOrigin, rowKey } from '#domain/claimed-row.ts';
import type { ClaimedInputs } from '#domain/expected-inputs.ts';
import type { Refusal } from '#domain/refusal.ts';
import type { Seal, SealedNeuron } from '#domain/seal.ts';
import { differsFromSigned, type RowFacts, withoutOrigin } from '#domain/signed-rows.ts';
import { type Intervals, makeIntervals } from './intervals.ts';
import type { LedgerJournal, ScoringEpochs, ShownRow } from './ports.ts';

/** What the rows of an epoch are held against. */
export interface KnownRows {
  readonly seal: Seal;
  /** Rows of the epoch before, by `rowKey`. */
  readonly before: ReadonlyMap<string, PaidRow>;
}

/** Why a row of the inputs is none that its validator signed; undefined when all are. */
export type JudgeRows = (inputs: ClaimedInputs, known: KnownRows, signal: AbortSignal) => Promise<Refusal | undefined>;

export interface RowPorts {
  readonly ledger: Pick<LedgerJournal, 'seal'>;
  readonly scoring: Pick<ScoringEpochs, 'signedRows'>;
  /** Hex. */
  readonly networkId: string;
  /** Whether rows may come without the sequence of their envelope, as releases of before wrote them. */
  readonly takesUnnamedRows: boolean;
}

/** Holds every row of an epoch against the envelopes that its validator signed, which scoring has to show. */
export function makeJudgeRows(ports: RowPorts): JudgeRows {
  const intervals = makeIntervals(ports.ledger);
  return async (inputs, known, signal) => {
    const rows = claimedRows(inputs, known);
    const without = rows.find((row) => row.origin === undefined && withoutOrigin(row) !== undefined);
    if (without !== undefined) return withoutOrigin(without);
    const named = rows.flatMap((row) => (row.origin === undefined ? [] : [{ ...row, origin: row.origin }]));
    const waiting = new Map(named.map((row) => [`${row.neuron.uid}/${row.mechanismId}`, row]));
    if (waiting.size === 0) return undefined;
    const { netuid, index } = known.seal;
    for await (const shown of ports.scoring.signedRows({ netuid, index }, signal)) {
      const key = `${shown.validatorUid}/${shown.mechanismId}`;
      const row = waiting.get(key);
      if (row === undefined) continue;
      waiting.delete(key);
      const refusal = await judgeRow({ ...ports, intervals }, { row, shown }, signal);
      if (refusal !== undefined || waiting.size === 0) return refusal;
    }
    const [missing] = waiting.values();
    return missing && unsigned(missing.neuron, `scoring shows no envelope of the row of uid ${missing.neuron.uid}`);
  };
}

/** The row of each sealed neuron in each mechanism, with what is said of it now and was paid before. */
function claimedRows({ mechanisms, reports, opened }: ClaimedInputs, { seal, before }: KnownRows): RowFacts[] {
  const origins = new Map(reports.map((origin) => [`${origin.validatorUid}/${origin.mechanismId}`, origin]));
  return seal.policy.mechanisms.flatMap(({ id }, at) =>
    seal.neurons.map((neuron) => ({
      seal,
      neuron,
      opened,
      mechanismId: id,
      claimed: mechanisms[at]?.epoch.neurons[neuron.uid] ?? NO_ROW,
      origin: origins.get(`${neuron.uid}/${id}`),
      paid: before.get(rowKey(neuron.registrationId, id)),
    })),
  );
}

/** Differs from all that is right. */
const NO_ROW: ClaimedRow = { lastUpdate: -1, weights: [] };

async function judgeRow(
  ports: RowPorts & { readonly intervals: Intervals },
  { row, shown }: { readonly row: RowFacts & { readonly origin: RowOrigin }; readonly shown: ShownRow },
  signal: AbortSignal,
): Promise<Refusal | undefined> {
  const { seal, neuron, mechanismId, origin, claimed } = row;
  if (origin.sequence === undefined && !ports.takesUnnamedRows) {
    return unsigned(neuron, `the inputs do not say which envelope brought the row of uid ${neuron.uid}`);
  }
  const interval = await ports.intervals({ seal, interval: origin.interval, ...shown }, signal);
  if (interval === undefined) {
    return unsigned(neuron, `the ledger did not seal interval ${origin.interval} where scoring says`);
  }
  const demand = {
    networkId: Buffer.from(ports.networkId, 'hex'),
    netuid: seal.netuid,
    mechanismId,
    registrationId: neuron.registrationId,
    source: origin.source,
    interval: origin.interval,
    block: claimed.lastUpdate,
    beacon: interval.beacon,
  };
  const opened = firstOpened(signersAt(neuron, claimed.lastUpdate), (hotkey) =>
    openSignedRow(shown, { ...demand, hotkey }),
  );
  if (!opened.ok) return unsigned(neuron, `uid ${neuron.uid} did not sign its row: ${opened.why}`);
  const missed =
    shown.missed === undefined
      ? undefined
      : firstOpened(signersAt(neuron, 0), (hotkey) => openMissedCommit(shown, { ...demand, hotkey, block: 0 }));
  const hasMissedCommit = missed?.ok === true && missed.value.interval < seal.index;
  return differsFromSigned(row, { signed: opened.value, interval, hasMissedCommit });
}

/** The neuron's hotkey, and those that it has followed and that could still sign at a block. */
function signersAt({ hotkey, formerHotkeys = [] }: SealedNeuron, block: number): readonly [string, ...string[]] {
  return [hotkey, ...formerHotkeys.filter(({ untilBlock }) => block <= untilBlock).map((former) => former.hotkey)];
}

/** What the first of several keys opens; what the first one says where none does. */
function firstOpened<T extends { readonly ok: boolean }>(
  [first, ...others]: readonly [string, ...string[]],
  open: (hotkey: string) => T,
): T {
  const opened = open(first);
  if (opened.ok) return opened;
  for (const other of others) {
    const again = open(other);
    if (again.ok) return again;
  }
  return opened;
}

function unsigned({ uid }: SealedNeuron, message: string): Refusal {
  return { reason: 'WEIGHTS_UNSIGNED', field: `weights of uid ${uid}`, message };
}
