import { expect } from 'vitest';
import { TREASURY } from '#domain/book/account.ts';
import type { Decision } from '#domain/book/refusal.ts';
import type { Genesis } from '#domain/economy/genesis.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { carryOut, type OrderDone, orderKey, type WalletOrder } from '#domain/economy/wallet-order.ts';
import type { Choice, Proposal, ProposalAction } from '#domain/governance/proposal.ts';
import { GOVERNANCE_DEFAULTS, type GovernanceTerms } from '#domain/governance/terms.ts';
import { done, enroll, newLedger, payNothing, produce, put, TAO, testGenesis } from './ledger-state.ts';

export const testTerms: GovernanceTerms = {
  ...GOVERNANCE_DEFAULTS,
  deposit: 10n * TAO,
  votingBlocks: 5,
  timelockBlocks: 3,
  quorumPpm: 200_000,
  council: { members: ['wise', 'old'], required: 2 },
};

/** Wallets that have money and delegate. */
export const NOMINATORS = ['ann', 'bob', 'cy'] as const;
/** Coldkeys of the two validators, each with one hotkey of 100 tokens. */
export const VALIDATORS = ['desk', 'rival'] as const;
export const HOTKEY_OF = { desk: 'v1', rival: 'v2' } as const;

/**
 * A market with two validators and a treasury of 1000 tokens. Its subnet is held, so that blocks mint nothing, and no
 * nominator has delegated yet.
 */
export function governed(terms: Partial<GovernanceTerms> = {}, genesis: Partial<Genesis> = {}): Ledger {
  const ledger = newLedger({
    ...testGenesis,
    ...genesis,
    governance: { ...testTerms, ...terms },
    accounts: [
      ...testGenesis.accounts,
      { account: 'rival', amount: 5000n * TAO },
      ...NOMINATORS.map((account) => ({ account, amount: 1000n * TAO })),
      { account: TREASURY, amount: 1000n * TAO },
    ],
  });
  done(put(ledger, 'sp500', { emission: 'Held' }));
  for (const coldkey of VALIDATORS) {
    const own = { coldkey, payer: coldkey, initialStake: 100n * TAO, mandate: null, cause: null };
    done(enroll(ledger, HOTKEY_OF[coldkey], own));
  }
  return ledger;
}

/** An order as its signature was verified, with the next sequence. */
export function order(ledger: Ledger, signer: string, wanted: WalletOrder): Decision<OrderDone> {
  const sequence = (ledger.sequences.get(orderKey(signer)) ?? 0) + 1;
  return ledger.decide((state) =>
    carryOut(state, { signer, sequence, expiresAtBlock: Number.MAX_SAFE_INTEGER, order: wanted }),
  );
}

export function stake(ledger: Ledger, wallet: string, hotkey: string, amount: bigint): void {
  done(order(ledger, wallet, { type: 'AddStake', netuid: 1, hotkey, amount }));
}

/** Blocks until subnet 1 seals: what was delegated counts from then on. */
export function seal(ledger: Ledger): void {
  while (ledger.sealed.get('1') === undefined) produce(ledger, 1);
  payNothing(ledger);
}

export const SPEND: ProposalAction = { type: 'Spend', to: 'builder', amount: 50n * TAO };

/** Proposes and answers the id. */
export function proposeTo(ledger: Ledger, action: ProposalAction = SPEND, proposer = 'owner'): number {
  done(order(ledger, proposer, { type: 'Propose', title: 'A title', description: '', action }));
  return ledger.governance.record.lastProposal;
}

export function cast(ledger: Ledger, wallet: string, proposal: number, choice: Choice = 'Yes'): Decision<OrderDone> {
  return order(ledger, wallet, { type: 'Vote', proposal, choice });
}

export function proposalOf(ledger: Ledger, id: number): Proposal {
  const proposal = ledger.governance.proposal(id);
  if (proposal === undefined) throw new Error(`there is no proposal ${id}`);
  return proposal;
}

/** Votes with both validators' stake and lets the time lock pass. */
export function passed(ledger: Ledger, action: ProposalAction): Proposal {
  const id = proposeTo(ledger, action);
  for (const wallet of VALIDATORS) done(cast(ledger, wallet, id));
  produce(ledger, 5 + 3);
  return proposalOf(ledger, id);
}

export function expectRefused(decision: Decision<unknown>, code: string): void {
  expect(decision).toMatchObject({ ok: false, code });
}

/** So many wallets have delegated, each a little more than the one before. */
export function crowded(count: number): { readonly ledger: Ledger; readonly crowd: readonly string[] } {
  const ledger = governed();
  const crowd = Array.from({ length: count }, (_, at) => `w${at}`);
  for (const [at, wallet] of crowd.entries()) {
    done(order(ledger, 'desk', { type: 'Transfer', to: wallet, amount: TAO }));
    stake(ledger, wallet, 'v1', 2_000_000n + BigInt(at));
  }
  seal(ledger);
  return { ledger, crowd };
}
