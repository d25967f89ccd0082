import type { NetworkRecord, NeuronRecord } from './market.ts';
import { shortKey } from './short-key.ts';
import { moneyView } from './subnet-view.ts';
import type { AccusedView, SlashView } from './views.ts';

/** A slash of a neuron as the ledger has it. */
export interface SlashRecord {
  /** Hex. */
  readonly slashId: string;
  readonly type: 'DoubleSigning' | 'FailedAudits' | 'Deviation' | 'Unavailable';
  readonly status: 'Pending' | 'Disputed' | 'Executed' | 'Dropped';
  /** SS58 of the neuron's key. */
  readonly hotkey: string;
  readonly instance: string;
  readonly amountRao: bigint;
  readonly takenRao: bigint;
  readonly disputeUntilBlock: bigint;
  readonly dueBlock: bigint;
}

/** One line for people: what it is for, and what comes next. */
export function slashView(slash: SlashRecord, { symbol, block }: Pick<NetworkRecord, 'symbol' | 'block'>): SlashView {
  const { slashId, type, status, instance } = slash;
  return {
    id: slashId,
    status,
    what: `${type} ${instance}`,
    isOpen: status === 'Pending' || status === 'Disputed',
    next: nextOf(slash, block),
    amount: moneyView(status === 'Executed' ? slash.takenRao : slash.amountRao, symbol),
  };
}

/** The same beside the neuron that it is of; one that has left has no uid. */
export function accusedView(
  slash: SlashRecord,
  { neurons, network }: { readonly neurons: readonly NeuronRecord[]; readonly network: NetworkRecord },
): AccusedView {
  const neuron = neurons.find(({ hotkey }) => hotkey === slash.hotkey);
  return {
    ...slashView(slash, network),
    uid: neuron?.uid ?? null,
    name: neuron?.managedBy?.name ?? shortKey(slash.hotkey),
  };
}

function nextOf({ status, disputeUntilBlock, dueBlock }: SlashRecord, block: bigint): string {
  switch (status) {
    case 'Pending':
      return block > disputeUntilBlock
        ? `is carried out at block ${dueBlock}`
        : `the owner may dispute it until block ${disputeUntilBlock}; then it is carried out`;
    case 'Disputed':
      return `is decided at block ${dueBlock}`;
    case 'Executed':
      return 'was carried out';
    case 'Dropped':
      return 'was not upheld: nothing was taken';
  }
}
