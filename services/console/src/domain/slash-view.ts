import type { NetworkRecord } from './market.ts';
import { moneyView } from './subnet-view.ts';
import type { SlashView } from './views.ts';

/** A slash of a neuron as the ledger has it. */
export interface SlashRecord {
  /** Hex. */
  readonly slashId: string;
  readonly type: 'DoubleSigning' | 'FailedAudits' | 'Deviation' | 'Unavailable';
  readonly status: 'Pending' | 'Disputed' | 'Executed' | 'Dropped';
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
