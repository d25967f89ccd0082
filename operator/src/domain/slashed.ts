import { amountText } from '@subnetes/money/amount';
import { holds, type Judgement } from './judgement.ts';

/** A slash of one neuron, as the ledger tells of it. Money in rao. */
export interface SlashView {
  /** Hexadecimal. */
  readonly id: string;
  readonly type: 'DoubleSigning' | 'FailedAudits' | 'Deviation' | 'Unavailable' | 'unknown';
  readonly status: 'Pending' | 'Disputed' | 'Executed' | 'Dropped';
  readonly reportedAtBlock: number;
  /** Last block in which it may be disputed. */
  readonly disputeUntilBlock: number;
  /** The block that decides it, or did. */
  readonly dueBlock: number;
  /** Most that it takes. */
  readonly amountRao: bigint;
  readonly takenRao: bigint;
}

/** Slashes of a neuron, and for how long the network counts them. */
export interface SlashNews {
  readonly block: number;
  /** Slashes of so many blocks count together. */
  readonly windowBlocks: number;
  readonly slashes: readonly SlashView[];
}

const ID_SHOWN = 12;

/**
 * Warning that stake is taken, or was. It is there while a slash is open, of several the one that is decided first, and after one
 * that took something until the network's window is over. One that was dropped leaves nothing.
 */
export function judgeSlashes(news: SlashNews, symbol: string): Judgement | undefined {
  const open = news.slashes
    .filter(({ status }) => status === 'Pending' || status === 'Disputed')
    .toSorted((left, right) => left.dueBlock - right.dueBlock);
  const [first, ...others] = open;
  if (first !== undefined) return holds('Slashed', 'SlashOpen', openText(first, others.length, symbol));
  const taken = news.slashes
    .filter(({ status, reportedAtBlock }) => {
      return status === 'Executed' && reportedAtBlock + news.windowBlocks >= news.block;
    })
    .toSorted((left, right) => right.dueBlock - left.dueBlock);
  const [newest] = taken;
  if (newest === undefined) return undefined;
  const lost = taken.reduce((sum, { takenRao }) => sum + takenRao, 0n);
  const message = `lost ${amountText({ asset: symbol, units: lost })} for ${newest.type} in block ${newest.dueBlock}; it counts until block ${newest.reportedAtBlock + news.windowBlocks}. \`subnetes slash show ${shortId(newest)}\` tells what for`;
  return holds('Slashed', 'StakeSlashed', message);
}

function openText(slash: SlashView, others: number, symbol: string): string {
  const { type, status, amountRao, disputeUntilBlock, dueBlock } = slash;
  const id = shortId(slash);
  const what = `slash ${id} for ${type} takes ${amountText({ asset: symbol, units: amountRao })} at most`;
  const when =
    status === 'Pending'
      ? `in block ${dueBlock}, unless its owner disputes it until block ${disputeUntilBlock} with \`subnetes slash dispute ${id} --wallet OWNER\``
      : `if those who decide uphold it by block ${dueBlock}; it is disputed`;
  return `${what} ${when}. \`subnetes slash show ${id}\` tells the evidence${others === 0 ? '' : `; ${others} more are open`}`;
}

function shortId({ id }: SlashView): string {
  return id.slice(0, ID_SHOWN);
}
