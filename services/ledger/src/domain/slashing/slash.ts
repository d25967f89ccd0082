import type { Place } from '../economy/delegation-rows.ts';
import { placeText } from '../unbonding/bond.ts';
import { type Deciders, type SlashingTerms, type SlashType, UNBONDING_BLOCKS_MAX } from './slashing-terms.ts';

/** Pending: may be disputed. Disputed: is to be decided. */
export type SlashStatus = 'Pending' | 'Disputed' | 'Executed' | 'Dropped';

/** Somebody who may decide a dispute, and how much their word weighs: rao, or one each. */
export interface SlashVoter {
  /** SS58 of the coldkey. */
  readonly voter: string;
  readonly weight: bigint;
  /** null: has not said anything yet. */
  readonly upholds: boolean | null;
}

/** What is said to have happened. The hotkey is the one under which the pool lies, whichever of the neuron's did it. */
export interface Offence extends Place {
  readonly type: SlashType;
  /** Hex, of the registration at fault. */
  readonly registrationId: string;
  /** Which of its kind it is, so that none is punished twice: of double signing `<type>/<sequence>`, else `<first>-<last epoch>`. */
  readonly instance: string;
  /** Stake that left before is not touched. */
  readonly offenceBlock: number;
  /** Hex: of what proves it, which whoever reported keeps. */
  readonly evidenceSha256: string;
  /** Of evidence over epochs; 0 for double signing. */
  readonly fromEpoch: number;
  readonly toEpoch: number;
  /** What was measured on average of these epochs, as the condition's `atLeast`; 0 for double signing. */
  readonly measured: number;
}

/** What a slash goes by after its report, whatever proposals change meanwhile. */
export type SlashRules = Pick<SlashingTerms, 'decisionBlocks' | 'distribution'> & {
  readonly decidedBy: Deciders['type'];
};

/** A slash from its report to its end. Money in rao. Decided, it is kept while anything goes by it; then the journal has it. */
export interface Slash extends Offence {
  /** Hex: of what identifies the offence. */
  readonly id: string;
  /** SS58 of the neuron's owner at the report. */
  readonly owner: string;
  readonly reportedAtBlock: number;
  /** Last block of the dispute window. */
  readonly disputeUntilBlock: number;
  /** The block that carries it out or drops it. */
  readonly dueBlock: number;
  readonly ppm: number;
  /** What answered for the offence at the report. */
  readonly base: bigint;
  /** Most that is taken. */
  readonly amount: bigint;
  /** What was taken; 0 until then. */
  readonly taken: bigint;
  /** SS58 of the wallet that reported; null: scoring did. */
  readonly reporter: string | null;
  readonly deposit: bigint;
  readonly status: SlashStatus;
  /** What the owner says to it. */
  readonly statement: string;
  /** At most 256. */
  readonly voters: readonly SlashVoter[];
  /** Weight that has to uphold it once it is disputed. */
  readonly needed: bigint;
  /** Once it is decided: the block in which only a trace is left of it; absent in rows that an earlier release decided. */
  readonly leavesAtBlock?: number;
  /** Those that held at the report; absent in rows of before terms could change: those of genesis. */
  readonly rules?: SlashRules;
}

/** What is left of a slash that nothing goes by any more: that the same offence is not punished twice. */
export type SlashTrace = Pick<Slash, 'id' | 'type' | 'netuid' | 'hotkey' | 'registrationId' | 'toEpoch'>;

export function slashGroups(slash: Slash): readonly string[] {
  const all = [`place/${placeText(slash)}`, statusGroup(slash.netuid, slash.status)];
  if (isOpen(slash)) return [...all, `open/${placeText(slash)}`, `due/${slash.dueBlock}`];
  return [...all, `leaves/${slash.leavesAtBlock ?? slash.reportedAtBlock + UNBONDING_BLOCKS_MAX}`];
}

export function statusGroup(netuid: number, status: SlashStatus): string {
  return `status/${netuid}/${status}`;
}

export function traceGroups(trace: SlashTrace): readonly string[] {
  return [`place/${placeText(trace)}`, `registration/${trace.registrationId}`];
}

export function isOpen({ status }: Pick<Slash, 'status'>): boolean {
  return status === 'Pending' || status === 'Disputed';
}
