import type { EpochInputs } from '#domain/epoch-inputs.ts';
import { evidenceOf, isProven } from '#domain/faults/evidence.ts';
import { type FaultCondition, faultRowNames, type MeasuredFault } from '#domain/faults/fault.ts';
import { measureFaults } from '#domain/faults/measure-faults.ts';
import { ROOT_NETUID } from '#domain/root-network.ts';
import type { FaultTransaction } from './evidence-store.ts';
import type { Sha256 } from './ports.ts';

/**
 * Measures an epoch's faults and keeps what is evidence now, in the transaction that scores it: each epoch is measured once, and
 * whatever happens to this process no epoch is left out. Nothing is read where the network does not slash for it.
 */
export async function measureEpoch(
  transaction: FaultTransaction,
  { inputs, inputsSha256 }: { readonly inputs: EpochInputs; readonly inputsSha256: string },
  sha256: Sha256,
): Promise<void> {
  const { netuid, index } = inputs.due;
  if (netuid === ROOT_NETUID) return;
  const { conditions } = (await transaction.faultTerms()) ?? { conditions: [] };
  if (conditions.length === 0) return;
  const rows = await transaction.faultRows(index, faultRowNames(inputs));
  const types = conditions.map(({ type }) => type);
  const measured = Map.groupBy(measureFaults(inputs, inputsSha256, { rows, types }), ({ type }) => type);
  for (const condition of conditions) {
    await prove(transaction, { inputs, condition, measured: measured.get(condition.type) ?? [] }, sha256);
  }
}

async function prove(
  transaction: FaultTransaction,
  found: {
    readonly inputs: EpochInputs;
    readonly condition: FaultCondition;
    readonly measured: readonly MeasuredFault[];
  },
  sha256: Sha256,
): Promise<void> {
  const { inputs, condition, measured } = found;
  const { type, epochs } = condition;
  const { networkId, due } = inputs;
  const runs = await transaction.continueRuns({ type, index: due.index, epochs }, measured);
  const proven = new Set(runs.filter((run) => isProven(run, condition)).map(({ registrationId }) => registrationId));
  for (const { registrationId, hotkey } of measured) {
    if (!proven.has(registrationId)) continue;
    const about = { networkId, netuid: due.netuid, registrationId, hotkey, condition };
    const evidence = evidenceOf(await transaction.run(type, registrationId), about);
    await transaction.putEvidence({ ...evidence, sha256: sha256(evidence.document) });
  }
}
