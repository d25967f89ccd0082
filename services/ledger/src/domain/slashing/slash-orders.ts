import { accept, type Decision } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import { type AutoStakeOrder, setAutoStake } from '../unbonding/auto-stake.ts';
import { rebond, type RebondOrder } from '../unbonding/rebond.ts';
import { type DisputeOrder, disputeSlash, voteOnSlash, type VoteOrder } from './decide.ts';
import { type DoubleSigning, reportDoubleSigning } from './report.ts';

/** Orders of wallets about stake that leaves, and about slashes. */
export type SlashOrder =
  | ({ readonly type: 'Rebond' } & RebondOrder)
  | ({ readonly type: 'SetAutoStake' } & AutoStakeOrder)
  | ({ readonly type: 'ReportDoubleSigning' } & DoubleSigning)
  | ({ readonly type: 'DisputeSlash' } & DisputeOrder)
  | ({ readonly type: 'VoteSlash' } & VoteOrder);

type Told = Readonly<Record<string, string | number | bigint | boolean>>;

/** Answers what the journal tells of it. */
export function performSlashOrder(ledger: Ledger, signer: string, order: SlashOrder): Decision<Told> {
  switch (order.type) {
    case 'Rebond': {
      const amount = rebond(ledger, signer, order);
      return amount.ok ? accept({ unbondingId: order.unbondingId, amount: amount.value }) : amount;
    }
    case 'SetAutoStake': {
      const { netuid, hotkey, isOn } = order;
      const set = setAutoStake(ledger, signer, order);
      return set.ok ? accept({ netuid, hotkey, isOn }) : set;
    }
    case 'ReportDoubleSigning': {
      const { type: _type, ...pair } = order;
      const reported = reportDoubleSigning(ledger, signer, pair);
      return reported.ok ? accept({ slashId: reported.value.slash.id }) : reported;
    }
    case 'DisputeSlash': {
      const disputed = disputeSlash(ledger, signer, order);
      return disputed.ok ? accept({ slashId: order.slashId, statement: order.statement }) : disputed;
    }
    case 'VoteSlash': {
      const voted = voteOnSlash(ledger, signer, order);
      return voted.ok ? accept({ slashId: order.slashId, upholds: order.upholds }) : voted;
    }
  }
}
