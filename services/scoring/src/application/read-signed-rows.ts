import { type CountedRowName, countedRows } from '#domain/epoch-inputs.ts';
import { inputsFromStored, type StoredEpochInputs } from '#domain/stored-inputs.ts';
import type { Store } from './ports.ts';
import type { RowEvidence, SignedRowStore } from './signed-row-store.ts';

export interface SignedRow extends RowEvidence, Pick<CountedRowName, 'validatorUid' | 'mechanismId'> {}

/** The rows that an epoch counted, each with its evidence; the newest epoch's for an undefined index, undefined without one. */
export type ReadSignedRows = (
  netuid: number,
  index: number | undefined,
) => Promise<AsyncIterable<SignedRow> | undefined>;

/** Rows that are read at once: an envelope with a report is up to a hundred kilobytes. */
const BATCH = 16;

export function makeReadSignedRows(ports: {
  readonly store: Pick<Store, 'epoch'>;
  readonly signedRows: SignedRowStore;
}): ReadSignedRows {
  return async (netuid, index) => {
    const epoch = await ports.store.epoch(netuid, index);
    if (epoch === undefined) return undefined;
    const rows = countedRows(inputsFromStored(JSON.parse(epoch.inputsJson) as StoredEpochInputs));
    return inBatches(ports.signedRows, { netuid, index: epoch.index }, rows);
  };
}

async function* inBatches(
  store: SignedRowStore,
  epoch: { readonly netuid: number; readonly index: number },
  rows: readonly CountedRowName[],
): AsyncGenerator<SignedRow> {
  for (let at = 0; at < rows.length; at += BATCH) {
    const batch = rows.slice(at, at + BATCH);
    const evidence = (await store.evidence(epoch, batch)).values();
    for (const { validatorUid, mechanismId } of batch) {
      const { value } = evidence.next();
      if (value === undefined)
        throw new Error(`a row that epoch ${epoch.index} of subnet ${epoch.netuid} counted is gone`);
      yield { validatorUid, mechanismId, ...value };
    }
  }
}
