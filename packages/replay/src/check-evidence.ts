import type { MinerReport, SignedRow } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { Beacon } from '@subnetes/timelock/beacon';
import { type EvidenceDocument, type EvidenceEpoch, type NamedEpoch, readEvidenceEpoch } from './evidence-document.ts';
import { type EpochInputsDocument, readInputs, sha256Hex } from './recompute-epoch.ts';
import { openSignedRow, type RowEvidence } from './signed-row.ts';

/** What scoring shows of an epoch that evidence names. */
export interface ShownEpoch {
  /** As it is stored. */
  readonly inputsJson: string;
  /** By uid and mechanism of its validator. */
  readonly rows: ReadonlyMap<string, RowEvidence>;
  /** Of the policy that time-locked rows were committed under. */
  readonly beacon: Beacon | undefined;
}

const U16_MAX = 65_535n;

/** Rows as scoring streams them. */
export async function shownRows(stream: AsyncIterable<SignedRow>): Promise<ShownEpoch['rows']> {
  const rows = new Map<string, RowEvidence>();
  for await (const { validatorUid, mechanismId, weights, commit, missed, roundSignature } of stream) {
    rows.set(rowKey(validatorUid, mechanismId), { weights, commit, missed, roundSignature });
  }
  return rows;
}

function rowKey(validatorUid: number, mechanismId: number): string {
  return `${validatorUid}/${mechanismId}`;
}

/**
 * What of a document does not follow from its own epochs, for people; nothing where all does. Of one that names its epochs by
 * hash `openNamedEpoch` looks into each of them.
 */
export function documentFaults(document: EvidenceDocument): string[] {
  const { epochs, fromEpoch, toEpoch, measured, condition } = document;
  const total = epochs.reduce((sum, { count }) => sum + count, 0);
  const faults = [
    ...epochs.flatMap(({ index }, at) => (index === fromEpoch + at ? [] : [`epoch ${index} stands out of order`])),
    ...(document.format === 1 ? document.epochs.flatMap((epoch) => countFaults(epoch)) : []),
  ];
  if (epochs.at(-1)?.index !== toEpoch) faults.push(`it ends with another epoch than ${toEpoch}`);
  if (Math.floor(total / epochs.length) !== measured) faults.push(`its epochs are not ${measured} on average`);
  if (epochs.length < condition.epochs || measured < condition.atLeast)
    faults.push('it is less than its condition asks');
  return faults;
}

/** The epoch that a document names by its hash, out of its text; what does not follow, for people. */
export function openNamedEpoch(
  { index, count, sha256 }: NamedEpoch,
  text: string,
): { readonly epoch: EvidenceEpoch | undefined; readonly faults: readonly string[] } {
  if (sha256Hex(text) !== sha256) return { epoch: undefined, faults: [`epoch ${index}: another text is shown`] };
  const epoch = readEvidenceEpoch(text);
  if (epoch === undefined) return { epoch, faults: [`epoch ${index}: its text is no epoch of evidence`] };
  if (epoch.index !== index || epoch.count !== count) {
    return { epoch, faults: [`epoch ${index} of ${count}: its text is of epoch ${epoch.index} with ${epoch.count}`] };
  }
  return { epoch, faults: countFaults(epoch) };
}

/** The number that enough stake says at least. Written apart from scoring's own code. */
function countFaults({ index, stake, kappaU16, count, said }: EvidenceEpoch): string[] {
  const total = BigInt(stake);
  const isEnough = (least: number): boolean => {
    const agreed = said.filter((own) => own.count >= least).reduce((sum, own) => sum + BigInt(own.stake), 0n);
    return agreed * 2n > total && agreed * U16_MAX > BigInt(kappaU16) * total;
  };
  const isSum = said.every((own) => own.count === own.rows.reduce((sum, row) => sum + row.count, 0));
  if (!isSum) return [`epoch ${index}: the counts of a validator's rows do not add up`];
  const isOnce = new Set(said.map(({ validatorUid }) => validatorUid)).size === said.length;
  if (!isOnce) return [`epoch ${index}: a validator is counted twice`];
  return isEnough(count) && !isEnough(count + 1) ? [] : [`epoch ${index}: its stake does not say ${count}`];
}

/** What of one of its epochs does not follow from the epoch's inputs and from what validators signed. */
export function epochFaults(document: EvidenceDocument, epoch: EvidenceEpoch, shown: ShownEpoch): string[] {
  const { index } = epoch;
  if (sha256Hex(shown.inputsJson) !== epoch.inputsSha256) return [`epoch ${index}: its inputs are other ones`];
  const inputs = readInputs(shown.inputsJson);
  if (inputs.due.index !== index || inputs.due.netuid !== document.netuid) {
    return [`epoch ${index}: its inputs are of another epoch`];
  }
  const stakes = stakesOf(inputs);
  const total = [...stakes.values()].reduce((sum, stake) => sum + stake, 0n);
  if (total !== BigInt(epoch.stake)) return [`epoch ${index}: ${total} rao have a permit, not ${epoch.stake}`];
  const kappaU16 = Math.max(0, ...inputs.mechanisms.map((each) => each.epoch.parameters.kappaU16));
  if (kappaU16 !== epoch.kappaU16) return [`epoch ${index}: kappa is ${kappaU16}, not ${epoch.kappaU16}`];
  return epoch.said.flatMap((said): string[] => {
    const neuron = inputs.due.neurons.find(({ uid }) => uid === said.validatorUid);
    if (neuron === undefined || stakes.get(said.validatorUid) !== BigInt(said.stake)) {
      return [`epoch ${index}: uid ${said.validatorUid} has another stake, or no permit`];
    }
    const signer = { inputs, hotkey: neuron.hotkey, said };
    return said.rows.flatMap((row) => rowFaults(document, { ...signer, row, index }, shown));
  });
}

/** Rao of those with a permit, by uid. */
function stakesOf({ due, mechanisms }: EpochInputsDocument): ReadonlyMap<number, bigint> {
  const epoch = mechanisms[0]?.epoch;
  const minStake = BigInt(epoch?.parameters.minStake ?? 0);
  return new Map(
    due.neurons.flatMap(({ uid }) => {
      const neuron = epoch?.neurons[uid];
      const stake = BigInt(neuron?.stake ?? 0);
      return neuron?.permit === true && stake >= minStake ? [[uid, stake] as const] : [];
    }),
  );
}

function rowFaults(
  document: EvidenceDocument,
  context: {
    readonly inputs: EpochInputsDocument;
    readonly hotkey: string;
    readonly said: EvidenceEpoch['said'][number];
    readonly row: EvidenceEpoch['said'][number]['rows'][number];
    readonly index: number;
  },
  { rows, beacon }: ShownEpoch,
): string[] {
  const { inputs, hotkey, said, row, index } = context;
  const { validatorUid, registrationId } = said;
  const where = `epoch ${index}, uid ${validatorUid}`;
  const shown = rows.get(rowKey(validatorUid, row.mechanismId));
  if (shown === undefined) return [`${where}: no row is shown that it signed`];
  const mechanism = inputs.mechanisms.find(({ id }) => id === row.mechanismId);
  const opened = openSignedRow(shown, {
    networkId: Buffer.from(document.networkId, 'hex'),
    netuid: document.netuid,
    mechanismId: row.mechanismId,
    hotkey,
    registrationId,
    source: row.source,
    interval: row.interval,
    block: mechanism?.epoch.neurons[validatorUid]?.lastUpdate ?? 0,
    beacon,
  });
  if (!opened.ok) return [`${where}: ${opened.why}`];
  if (opened.value.sequence.toString() !== row.sequence) return [`${where}: another envelope is shown`];
  const miner = opened.value.report?.miners.find((each) => hexOf(each.registrationId) === document.registrationId);
  const says = miner === undefined ? 0 : countOf(document, miner);
  if (says !== row.count) return [`${where}: it signed ${says}, not ${row.count}`];
  const audits =
    document.condition.type === 'FailedAudits' ? hexOf(miner?.auditsSha256 ?? new Uint8Array()) : undefined;
  return audits === row.auditsSha256 ? [] : [`${where}: it signed another hash of its audits`];
}

function countOf({ condition }: EvidenceDocument, miner: MinerReport): number {
  return condition.type === 'Unavailable' ? miner.unanswered : miner.failedAudits;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
