import { payEpoch } from '#domain/economy/payout.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { done, enroll, newLedger, put, TAO, testGenesis } from './ledger-state.ts';

/** Root's weight in these tests: the chain's. */
export const WEIGHT_PPM = 180_000;

/**
 * Two subnets with tempo 10 and stake on root at the chain's weight. `desk` has v1 in both, with 60 tokens in the first, and
 * `owner` has v2 in the first with 40; `ann` and `bob` have 500 each and no neuron.
 */
export function rootMarket(change: Partial<typeof testGenesis> = {}): Ledger {
  const accounts = [...testGenesis.accounts, ...['ann', 'bob'].map((account) => ({ account, amount: 500n * TAO }))];
  const ledger = newLedger({ ...testGenesis, accounts, rootStakeWeightPpm: WEIGHT_PPM, ...change });
  for (const handle of ['sp500', 'gold']) done(put(ledger, handle));
  done(enroll(ledger, 'v1', { initialStake: 60n * TAO }));
  done(enroll(ledger, 'v2', { initialStake: 40n * TAO, coldkey: 'owner', payer: 'owner', mandate: null, cause: null }));
  done(enroll(ledger, 'v1', { netuid: 2 }));
  return ledger;
}

/**
 * Pays the sealed epoch of a subnet: of the validators' half the parts in millionths by uid, floored, and all of the miners' half to
 * uid `miner`, where there is one.
 */
export function payParts(
  ledger: Ledger,
  netuid: number,
  { parts, miner }: { readonly parts: ReadonlyMap<number, number>; readonly miner?: number },
) {
  const sealed = ledger.sealed.get(String(netuid));
  if (sealed === undefined) throw new Error(`subnet ${netuid} has no sealed epoch`);
  const half = miner === undefined ? sealed.validator + sealed.miner : sealed.validator;
  const neurons = sealed.neurons.map(({ uid, registrationId }) => ({
    uid,
    registrationId,
    incentive: uid === miner ? sealed.miner : 0n,
    dividend: (half * BigInt(parts.get(uid) ?? 0)) / 1_000_000n,
    incentiveU16: 0,
    dividendsU16: 0,
    permit: true,
  }));
  const scored = {
    netuid,
    index: sealed.index,
    dueSequence: sealed.sequence,
    inputsSha256: '',
    outputsSha256: '',
    neurons,
    shares: [],
  };
  return done(ledger.decide((state) => payEpoch(state, scored)));
}
