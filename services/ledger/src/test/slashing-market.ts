import { delegatedOf, stakeOf } from '#domain/book/account.ts';
import type { Genesis } from '#domain/economy/genesis.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { carryOut, type WalletOrder } from '#domain/economy/wallet-order.ts';
import { type DoubleSigning, reportDoubleSigning } from '#domain/slashing/report.ts';
import type { Slash } from '#domain/slashing/slash.ts';
import type { SlashingTerms } from '#domain/slashing/slashing-terms.ts';
import { done, enroll, newLedger, payNothing, produce, put, TAO, testGenesis, testPolicy } from './ledger-state.ts';

export const UNBONDING = 40;
export const DISPUTE = 10;
export const DECISION = 15;

export const slashingTerms: SlashingTerms = {
  conditions: [
    { type: 'DoubleSigning', ppm: 100_000 },
    { type: 'Deviation', ppm: 20_000, max: 3n * TAO, epochs: 3, atLeast: 400_000 },
    { type: 'FailedAudits', ppm: 10_000, epochs: 1, atLeast: 5 },
  ],
  disputeBlocks: DISPUTE,
  decisionBlocks: DECISION,
  windowBlocks: 1000,
  windowPpm: 250_000,
  reportDeposit: 2n * TAO,
  deciders: { type: 'Arbiters', keys: ['arb1', 'arb2', 'arb3'], required: 2 },
  distribution: { burnPpm: 500_000, reporterPpm: 200_000, insurancePpm: 300_000 },
};

export const slashingGenesis: Genesis = { ...testGenesis, unbondingBlocks: UNBONDING, slashing: slashingTerms };

export const V1 = { netuid: 1, hotkey: 'v1' };
export const V2 = { netuid: 1, hotkey: 'v2' };

/** Two validators of `desk` and one of `owner` in subnet 1, v1 in subnet 2 as well; wallets of 500 tokens. */
export function slashingMarket(genesis: Genesis = slashingGenesis): Ledger {
  const ledger = newLedger(genesis);
  const policy = { ...testPolicy, hyperparameters: { ...testPolicy.hyperparameters, maxUids: 8 } };
  done(put(ledger, 'sp500', { policy }));
  done(put(ledger, 'gold', { policy }));
  for (const hotkey of ['v1', 'v2']) done(enroll(ledger, hotkey, { initialStake: 100n * TAO }));
  done(enroll(ledger, 'v1', { netuid: 2, initialStake: 100n * TAO }));
  done(enroll(ledger, 'v3', { coldkey: 'owner', payer: 'owner', mandate: null, cause: null, initialStake: 50n * TAO }));
  const wallets = ['ann', 'bob', 'eve', 'arb1', 'arb2', 'arb3'];
  done(
    ledger.decide((state) => {
      const parts = wallets.map((to) => ({ to, amount: 500n * TAO }));
      const paid = state.book.pay({ asset: 'TAO', from: 'desk', parts });
      state.journal.write({ block: state.block, kind: 'Test', payload: {} });
      return paid;
    }),
  );
  return ledger;
}

let sequence = 0;

export function order(ledger: Ledger, signer: string, wanted: WalletOrder) {
  sequence += 1;
  const signed = { signer, sequence, expiresAtBlock: ledger.block + 100, order: wanted };
  return ledger.decide((state) => carryOut(state, signed));
}

/** To the next seal of subnet 1, which is paid to nobody: what waits counts from then on. */
export function passEpoch(ledger: Ledger): void {
  while (produce(ledger, 1).every(({ netuid }) => netuid !== 1));
  payNothing(ledger);
}

export function doubleSigning(ledger: Ledger, change: Partial<DoubleSigning> = {}): DoubleSigning {
  const { netuid = 1, hotkey = 'v1' } = change;
  return {
    netuid,
    hotkey,
    registrationId: ledger.neuronByHotkey(netuid, hotkey)?.registrationId ?? '',
    envelopeType: 'Commit',
    sequence: '7',
    expiresAtBlock: ledger.block + 20,
    evidenceSha256: 'e'.repeat(64),
    ...change,
  };
}

export function report(ledger: Ledger, change: Partial<DoubleSigning> = {}, reporter = 'eve') {
  const pair = doubleSigning(ledger, change);
  return ledger.decide((state) => reportDoubleSigning(state, reporter, pair));
}

export function slashOf(ledger: Ledger, id: string): Slash {
  const slash = ledger.slashes.get(id);
  if (slash === undefined) throw new Error(`there is no slash ${id}`);
  return slash;
}

export const posted = (ledger: Ledger, account: string): bigint => ledger.book.posted('TAO', account);
export const ownStake = (ledger: Ledger, hotkey: string, netuid = 1): bigint =>
  posted(ledger, stakeOf(netuid, hotkey, hotkey === 'v3' ? 'owner' : 'desk'));
export const pooled = (ledger: Ledger, hotkey: string, netuid = 1): bigint =>
  posted(ledger, delegatedOf(netuid, hotkey));
