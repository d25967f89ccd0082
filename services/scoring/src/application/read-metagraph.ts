import { reportedRows, weighedReports } from '#domain/epoch-inputs.ts';
import { buildMetagraph } from '#domain/metagraph.ts';
import { commonLevers, type Lever } from '#domain/levers.ts';
import { answersIn } from '#domain/function-calls.ts';
import { scoreEpoch } from '#domain/score-epoch.ts';
import { inputsFromStored, type StoredEpochInputs } from '#domain/stored-inputs.ts';
import type { Store } from './ports.ts';

/**
 * Serialised `subnetes.scoring.v1.Metagraph` after an epoch, the newest one's for an undefined index; undefined where there
 * is no such epoch.
 */
export type ReadMetagraph = (netuid: number, index: number | undefined) => Promise<Uint8Array | undefined>;

type MetagraphStore = Pick<Store, 'metagraph' | 'epoch' | 'reports' | 'keepMetagraph'>;

/**
 * Reads a metagraph, or makes it where nobody did yet. No epoch waits for its own: it decides nothing, takes longer than the
 * epoch, and follows from what was stored with that.
 */
export function makeReadMetagraph(ports: {
  readonly store: MetagraphStore;
  /** Lets work that cannot wait go first. */
  readonly giveWay: () => Promise<void>;
}): ReadMetagraph {
  const { store } = ports;
  const underWay = new Map<string, Promise<Uint8Array>>();
  let before: Promise<unknown> = Promise.resolve();
  return async (netuid, index) => {
    const stored = await store.metagraph(netuid, index);
    if (stored === undefined) return undefined;
    if (stored.metagraph !== undefined) return stored.metagraph;
    const key = `${netuid}/${stored.index}`;
    const known = underWay.get(key);
    if (known !== undefined) return known;
    const made = before.then(() => makeOne(ports, netuid, stored.index)); // one at a time: each holds some megabytes
    before = made.catch(() => {}); // whoever asked for it is told
    underWay.set(key, made);
    try {
      return await made;
    } finally {
      underWay.delete(key);
    }
  };
}

async function makeOne(
  { store, giveWay }: { readonly store: MetagraphStore; readonly giveWay: () => Promise<void> },
  netuid: number,
  index: number,
): Promise<Uint8Array> {
  const epoch = await store.epoch(netuid, index);
  if (epoch === undefined) throw new Error(`epoch ${index} of subnet ${netuid} is gone: epochs are never deleted`);
  const inputs = inputsFromStored(JSON.parse(epoch.inputsJson) as StoredEpochInputs);
  const outputs = scoreEpoch(inputs, epoch.inputsSha256, { answers: answersIn(inputs, epoch.outputsJson) });
  const levers = new Map<number, Lever>();
  for (const [uid, lever] of commonLevers(inputs, outputs)) {
    levers.set(uid, lever);
    await giveWay();
  }
  const reports = await store.reports(netuid, reportedRows(inputs));
  const metagraph = buildMetagraph({
    inputs,
    outputs,
    levers,
    outputsSha256: epoch.outputsSha256,
    reports: weighedReports(inputs.due.neurons, reports),
    ...epoch.standings,
  });
  return store.keepMetagraph(netuid, index, metagraph);
}
