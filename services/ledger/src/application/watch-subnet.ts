import { neuronKey } from '#domain/economy/neuron.ts';
import { type NeuronView, neuronView, type SubnetView, subnetView } from '#domain/economy/views.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { type Batch, LedgerUnavailable } from './ports.ts';
import type { Sequencer } from './sequencer.ts';

/** What a watcher is told: everything at first, then what changed, and each block at least one message. */
export interface SubnetUpdate {
  readonly block: number;
  readonly snapshot: boolean;
  readonly subnet: SubnetView | undefined;
  readonly neurons: readonly NeuronView[];
  readonly endedUids: readonly number[];
  readonly blockTimeMs: number;
}

/** What has changed since a watcher was last told. It does not grow with the time that a slow watcher takes. */
interface Pending {
  block: number;
  subnet: boolean;
  readonly uids: Set<number>;
}

/** Streams a subnet to one watcher until the signal is aborted. Ends at once when there is no such subnet. */
export async function* watchSubnet(
  sequencer: Sequencer,
  netuid: number,
  signal: AbortSignal,
): AsyncGenerator<SubnetUpdate, void, undefined> {
  const pending: Pending = { block: 0, subnet: false, uids: new Set() };
  let wake = Promise.withResolvers<void>();
  const wakeUp = (): void => wake.resolve();
  // Subscribed before the snapshot is read, so that nothing falls between the two.
  const unsubscribe = sequencer.subscribe((batch) => {
    if (note(pending, batch, netuid)) wakeUp();
  });
  signal.addEventListener('abort', wakeUp, { once: true });
  try {
    const snapshot = await sequencer.read((ledger) => snapshotOf(ledger, netuid));
    if (snapshot === undefined) return;
    yield snapshot;
    let told = snapshot.block;
    while (!signal.aborted) {
      await wake.promise;
      if (signal.aborted) return;
      wake = Promise.withResolvers<void>();
      const update = await unlessAway(sequencer.read((ledger) => takeUpdate(ledger, netuid, pending)));
      if (update === undefined) continue; // what is stored after the outage wakes it again, and nothing is forgotten
      if (update.block === told && update.subnet === undefined && isEmpty(update)) continue;
      told = update.block;
      yield update;
    }
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', wakeUp);
  }
}

/** Undefined while the ledger takes nothing. */
async function unlessAway<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof LedgerUnavailable) return undefined;
    throw error;
  }
}

function isEmpty(update: SubnetUpdate): boolean {
  return update.neurons.length === 0 && update.endedUids.length === 0;
}

/** Notes what a batch changed for this watcher; answers whether there is something to tell. */
function note(pending: Pending, batch: Batch, netuid: number): boolean {
  const prefix = `${netuid}/`;
  let changed = false;
  for (const { table, key } of batch.documents) {
    if (table === 'subnets' && key === String(netuid)) {
      pending.subnet = true;
      changed = true;
    }
    if (table === 'neurons' && key.startsWith(prefix)) {
      pending.uids.add(Number(key.slice(prefix.length)));
      changed = true;
    }
  }
  const block = batch.entries.at(-1)?.block ?? 0;
  if (block > pending.block) {
    pending.block = block;
    changed = true;
  }
  return changed;
}

function snapshotOf(ledger: Ledger, netuid: number): SubnetUpdate | undefined {
  const subnet = ledger.subnet(netuid);
  if (subnet === undefined) return undefined;
  return {
    block: ledger.block,
    snapshot: true,
    subnet: subnetView(ledger, subnet),
    neurons: ledger.neuronsOf(netuid).map((neuron) => neuronView(ledger, neuron)),
    endedUids: [],
    blockTimeMs: ledger.network.genesis.blockTimeMs,
  };
}

function takeUpdate(ledger: Ledger, netuid: number, pending: Pending): SubnetUpdate {
  const subnet = pending.subnet ? ledger.subnet(netuid) : undefined;
  const uids = [...pending.uids].toSorted((a, b) => a - b);
  pending.subnet = false;
  pending.uids.clear();
  const found = uids.map((uid) => ledger.neurons.get(neuronKey(netuid, uid)));
  return {
    block: ledger.block,
    snapshot: false,
    subnet: subnet === undefined ? undefined : subnetView(ledger, subnet),
    neurons: found.filter((neuron) => neuron !== undefined).map((neuron) => neuronView(ledger, neuron)),
    endedUids: uids.filter((_uid, index) => found[index] === undefined),
    blockTimeMs: ledger.network.genesis.blockTimeMs,
  };
}
