import { MINT, TREASURY } from '../book/account.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import { isCreditable } from '../economy/money-orders.ts';
import { isDisputed, settleDispute } from '../keys/settle-dispute.ts';
import { checkEmission } from './emission-change.ts';
import { revokeGrant, startGrant } from './grant.ts';
import type { ProposalAction, Vesting } from './proposal.ts';
import { changeNetwork, checkNetwork } from './network-change.ts';
import { changeSubnet, governedSubnet } from './subnet-change.ts';

const BLOCKS_MAX = 100_000_000;
const BLOCK_MAX = 1_000_000_000;

/**
 * Whether a proposal could be carried out as things stand: asked when it is made, so that nobody votes on what breaks a bound, and
 * again when it is carried out, since things may stand otherwise by then.
 */
export function checkAction(ledger: Ledger, action: ProposalAction): Decision<undefined> {
  switch (action.type) {
    case 'Network':
      return checkNetwork(ledger, action.changes);
    case 'Emission':
      return isWhole(action.fromBlock, 0, BLOCK_MAX)
        ? checkEmission(ledger, action.policy)
        : refuse('PROPOSAL_INVALID', `fromBlock must be 0 to ${BLOCK_MAX}, not ${action.fromBlock}`);
    case 'Hyperparameters':
    case 'Policy': {
      const governed = governedSubnet(ledger, action);
      return governed.ok ? accept(undefined) : governed;
    }
    case 'Spend':
      return action.amount > 0n ? checkPayee(action.to) : refuse('PROPOSAL_INVALID', 'amount must be at least 1 rao');
    case 'Grant': {
      const payee = checkPayee(action.to);
      return payee.ok ? checkVesting(action) : payee;
    }
    case 'RevokeGrant': {
      const grant = ledger.governance.grant(action.grant);
      if (grant === undefined) return refuse('GRANT_UNKNOWN', `there is no grant ${action.grant}`);
      return grant.revokedBlock === undefined
        ? accept(undefined)
        : refuse('GRANT_REVOKED', `grant ${action.grant} was revoked before`);
    }
    case 'SettleDispute':
      return isDisputed(ledger, action.coldkey)
        ? accept(undefined)
        : refuse('KEY_SWAP_UNKNOWN', `${action.coldkey} has no swap that is disputed`);
  }
}

/** Carries a proposal out. What it moves and changes stands in the entry that is written next. */
export function performAction(ledger: Ledger, id: number, action: ProposalAction): Decision<undefined> {
  const checked = checkAction(ledger, action);
  if (!checked.ok) return checked;
  switch (action.type) {
    case 'Network':
      return changeNetwork(ledger, action.changes);
    case 'Emission': {
      const { policy, fromBlock } = action;
      ledger.governance.record = { ...ledger.governance.record, nextEmission: { proposal: id, policy, fromBlock } };
      return accept(undefined);
    }
    case 'Hyperparameters':
    case 'Policy':
      return changeSubnet(ledger, id, action);
    case 'Spend': {
      const parts = [{ to: action.to, amount: action.amount }];
      const paid = ledger.book.pay({ asset: ledger.asset, from: TREASURY, parts });
      return paid.ok ? accept(undefined) : paid;
    }
    case 'Grant': {
      const { to, amount, cliffBlocks, vestingBlocks } = action;
      return startGrant(ledger, { id, to, amount, cliffBlocks, vestingBlocks });
    }
    case 'RevokeGrant': {
      const revoked = revokeGrant(ledger, action.grant);
      return revoked.ok ? accept(undefined) : revoked;
    }
    case 'SettleDispute':
      return settleDispute(ledger, action.coldkey);
  }
}

/** Wallets' names are checked where SS58 is known; here only accounts of the system are kept out. */
function checkPayee(to: string): Decision<undefined> {
  const mayBeWallet = (text: string): boolean => text !== MINT && !text.includes(':');
  return to !== TREASURY && isCreditable(to, mayBeWallet)
    ? accept(undefined)
    : refuse('PROPOSAL_INVALID', `to must be a wallet or a billing account, not ${to}`);
}

function checkVesting({ amount, cliffBlocks, vestingBlocks }: Vesting): Decision<undefined> {
  if (amount < 1n) return refuse('PROPOSAL_INVALID', 'amount must be at least 1 rao');
  if (!isWhole(vestingBlocks, 1, BLOCKS_MAX)) {
    return refuse('PROPOSAL_INVALID', `vestingBlocks must be 1 to ${BLOCKS_MAX}, not ${vestingBlocks}`);
  }
  return isWhole(cliffBlocks, 0, vestingBlocks)
    ? accept(undefined)
    : refuse('PROPOSAL_INVALID', `cliffBlocks must be 0 to vestingBlocks (${vestingBlocks}), not ${cliffBlocks}`);
}

function isWhole(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && value >= low && value <= high;
}
