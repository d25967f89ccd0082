import { evidenceOf, faultyEpochToText, isProven, type RunEpoch, wholeEvidenceOf } from '#domain/faults/evidence.ts';
import { type FaultCondition, faultRowNames, type FaultyEpoch } from '#domain/faults/fault.ts';
import { measureFaults } from '#domain/faults/measure-faults.ts';
import { inputsFromStored, type StoredEpochInputs } from '#domain/stored-inputs.ts';
import type { EvidenceStore, StoredEvidence } from './evidence-store.ts';
import type { Sha256, Store } from './ports.ts';

/** Evidence that an epoch gave, measured again. */
export interface EvidenceReplay {
  readonly storedSha256: string;
  /** Empty where the same reports give none. */
  readonly recomputedSha256: string;
}

type ReplayStore = Pick<Store, 'epoch'> & Pick<EvidenceStore, 'evidenceOfEpoch' | 'reportedFaultRows'>;

/**
 * Measures again what an epoch gave as evidence, from the inputs of all epochs in it and from the reports that validators signed:
 * not from what was put down at each of them.
 */
export async function replayEvidence(
  { store, sha256 }: { readonly store: ReplayStore; readonly sha256: Sha256 },
  netuid: number,
  index: number,
): Promise<readonly EvidenceReplay[]> {
  const replayed: EvidenceReplay[] = [];
  for (const evidence of await store.evidenceOfEpoch(netuid, index)) {
    const document = await measureAgain(store, evidence, sha256);
    replayed.push({
      storedSha256: evidence.sha256,
      recomputedSha256: document === undefined ? '' : sha256(document),
    });
  }
  return replayed;
}

async function measureAgain(store: ReplayStore, evidence: StoredEvidence, sha256: Sha256): Promise<string | undefined> {
  const { format, networkId, condition } = JSON.parse(evidence.document) as {
    readonly format: number;
    readonly networkId: string;
    readonly condition: FaultCondition;
  };
  const epochs: RunEpoch[] = [];
  const whole: FaultyEpoch[] = []; // of format 1 alone, which is of a hundred epochs at most
  let offenceBlock = 0;
  for (let index = evidence.fromEpoch; index <= evidence.toEpoch; index += 1) {
    const epoch = await store.epoch(evidence.netuid, index);
    if (epoch === undefined) return undefined;
    const inputs = inputsFromStored(JSON.parse(epoch.inputsJson) as StoredEpochInputs);
    const rows = await store.reportedFaultRows(evidence.netuid, index, faultRowNames(inputs));
    const types = [evidence.type];
    const measured = measureFaults(inputs, sha256(epoch.inputsJson), { rows, types });
    const own = measured.find(({ registrationId }) => registrationId === evidence.registrationId);
    if (own === undefined) return undefined;
    const { count, block } = own.epoch;
    epochs.push({ index, count, sha256: sha256(faultyEpochToText(own.epoch)) });
    if (epochs.length === 1) offenceBlock = block;
    if (format === 1) whole.push(own.epoch);
  }
  const total = epochs.reduce((sum, { count }) => sum + count, 0);
  if (!isProven({ epochs: epochs.length, total }, condition)) return undefined;
  const { netuid, registrationId, hotkey } = evidence;
  const about = { networkId, netuid, registrationId, hotkey, condition };
  return (format === 1 ? wholeEvidenceOf(whole, about) : evidenceOf({ offenceBlock, epochs }, about)).document;
}
