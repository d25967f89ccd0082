import { type EpochPayment, paymentText } from '@subnetes/consensus/payment-text';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import { sealedOf, unattributedOf } from '../book/account.ts';
import type { Part } from '../book/payment.ts';
import { payParents } from '../children/pay-parents.ts';
import { payRoot } from '../root/pay-root.ts';
import { stakeEarnings } from '../unbonding/auto-stake.ts';
import { rememberPaid } from '../calculators/paid-epochs.ts';
import { payDelegators } from './delegators.ts';
import { applyRootShares, sharesMismatch } from './emission-split.ts';
import type { SubnetShare } from './emission-state.ts';
import type { Ledger } from './ledger.ts';
import { neuronKey } from './neuron.ts';
import type { SealedEpoch } from './sealed-epoch.ts';

/** What scoring says one neuron earned. */
export interface ScoredNeuron {
  readonly uid: number;
  readonly registrationId: string;
  /** Rao, truncated as the chain truncates. */
  readonly incentive: bigint;
  readonly dividend: bigint;
  readonly incentiveU16: number;
  readonly dividendsU16: number;
  readonly permit: boolean;
}

/** Scoring's outputs for one sealed epoch. Hashes are hex. */
export interface ScoredEpoch extends EpochPayment {
  readonly netuid: number;
  readonly index: number;
  readonly neurons: readonly ScoredNeuron[];
  /** Of the root network, ascending by netuid; empty for every other subnet. */
  readonly shares: readonly SubnetShare[];
}

/** Whose word an epoch needs beside scoring's, and who has given it. */
export interface Witnessed {
  /** Signatures of different keys without which nothing is paid. */
  readonly required: number;
  /** Keys that count and have signed these very outputs, verified; hex. */
  readonly by: readonly { readonly key: string; readonly signature: string }[];
}

const NO_WITNESS: Witnessed = { required: 0, by: [] };

/** What a payment moved, in rao; all zero when it was done before. */
export interface Payout {
  readonly repeated: boolean;
  readonly sequence: number;
  readonly owner: bigint;
  readonly incentives: bigint;
  readonly dividends: bigint;
  readonly unattributed: bigint;
}

export function epochKey(netuid: number, index: number): string {
  return `epoch:${netuid}:${index}`;
}

/**
 * Pays a sealed epoch once, from its own account, to the owners' free balances. Amounts are scoring's integers; what
 * truncation leaves goes to `unattributed` and into the next pot, so that payments and the rest are the pot to the rao. What
 * others' stake earned goes on to them in an entry of its own.
 *
 * While nobody has incentives the miners' half goes to validators, and while nobody has dividends the validators' half
 * goes to miners, as on the chain; hence the limit is the sum of both halves.
 */
export function payEpoch(ledger: Ledger, scored: ScoredEpoch, witnessed = NO_WITNESS): Decision<Payout> {
  const key = epochKey(scored.netuid, scored.index);
  const contentSha256 = ledger.hashes.text(paymentText(scored));
  const earlier = ledger.claims.find(key);
  if (earlier !== undefined) {
    return earlier.contentSha256 === contentSha256
      ? accept({ ...NOTHING_PAID, sequence: earlier.sequence })
      : refuse('EPOCH_CONFLICT', `epoch ${scored.index} of subnet ${scored.netuid} was paid by other outputs`);
  }
  const sealed = ledger.sealed.get(String(scored.netuid));
  if (sealed === undefined || sealed.index !== scored.index) {
    return refuse('EPOCH_UNKNOWN', `subnet ${scored.netuid} has no sealed epoch ${scored.index}`);
  }
  const mismatch = mismatchOf(sealed, scored);
  if (mismatch !== undefined) return refuse('EPOCH_MISMATCH', mismatch);

  const incentives = scored.neurons.reduce((sum, neuron) => sum + neuron.incentive, 0n);
  const dividends = scored.neurons.reduce((sum, neuron) => sum + neuron.dividend, 0n);
  const unattributed = sealed.miner + sealed.validator - incentives - dividends;
  if (unattributed < 0n) {
    return refuse('EPOCH_OVERPAYS', `the outputs pay ${-unattributed} rao more than miners and validators have`);
  }
  // Last: what can never be paid is told at once, whoever is still to sign it.
  if (witnessed.by.length < witnessed.required) return refuse('EPOCH_UNWITNESSED', unwitnessed(scored, witnessed));
  const paid = movePot(ledger, { sealed, scored, unattributed });
  if (!paid.ok) return paid;
  const sequence = writePayout(ledger, { sealed, scored, witnessed, unattributed, claim: { key, contentSha256 } });
  const divided = payParents(ledger, sealed, scored.neurons);
  if (!divided.ok) return divided;
  const root = payRoot(ledger, sealed, { dividends: divided.value, incentives });
  if (!root.ok) return root;
  const passedOn = payDelegators(ledger, sealed, root.value.dividends);
  if (!passedOn.ok) return passedOn;
  const dividendsLeft = new Map(root.value.dividends.map(({ uid, dividend }) => [uid, dividend]));
  const keptOf = (uid: number): bigint => (dividendsLeft.get(uid) ?? 0n) + (root.value.kept.get(uid) ?? 0n);
  const own = scored.neurons.map(
    ({ uid, incentive }) => [uid, incentive + keptOf(uid) - (passedOn.value.get(uid) ?? 0n)] as const,
  );
  const staked = stakeEarnings(ledger, sealed, new Map(own));
  if (!staked.ok) return staked;
  return accept({
    repeated: false,
    sequence,
    owner: sealed.owner,
    incentives,
    dividends: dividends - root.value.unattributed,
    unattributed: unattributed + root.value.unattributed,
  });
}

const NOTHING_PAID = { repeated: true, owner: 0n, incentives: 0n, dividends: 0n, unattributed: 0n };

function unwitnessed({ netuid, index }: ScoredEpoch, { required, by }: Witnessed): string {
  return `epoch ${index} of subnet ${netuid} was signed by ${by.length} of the ${required} witnesses that it needs: it waits`;
}

function mismatchOf(sealed: SealedEpoch, scored: ScoredEpoch): string | undefined {
  if (scored.dueSequence !== sealed.sequence) {
    return `outputs are for entry ${scored.dueSequence}, the epoch was sealed in entry ${sealed.sequence}`;
  }
  const byUid = new Map(sealed.neurons.map((neuron) => [neuron.uid, neuron]));
  const seen = new Set<number>();
  for (const neuron of scored.neurons) {
    if (seen.has(neuron.uid)) return `uid ${neuron.uid} stands twice in the outputs`;
    seen.add(neuron.uid);
    if (byUid.get(neuron.uid)?.registrationId !== neuron.registrationId) {
      return `uid ${neuron.uid} with registration ${neuron.registrationId} is not in the sealed epoch`;
    }
    if (neuron.incentive < 0n || neuron.dividend < 0n) return `uid ${neuron.uid} has a negative amount`;
  }
  return sharesMismatch(sealed.subnets, scored.shares);
}

function movePot(
  ledger: Ledger,
  payout: { readonly sealed: SealedEpoch; readonly scored: ScoredEpoch; readonly unattributed: bigint },
): Decision<bigint> {
  const { sealed, scored, unattributed } = payout;
  if (sealed.pot === 0n) return accept(0n);
  const coldkeys = new Map(sealed.neurons.map((neuron) => [neuron.uid, neuron.coldkey]));
  const parts: Part[] = [
    { to: sealed.ownerColdkey, amount: sealed.owner },
    ...scored.neurons.map((neuron) => ({
      to: coldkeys.get(neuron.uid) ?? sealed.ownerColdkey,
      amount: neuron.incentive + neuron.dividend,
    })),
    { to: unattributedOf(sealed.netuid), amount: unattributed },
  ];
  return ledger.book.pay({
    asset: ledger.asset,
    from: sealedOf(sealed.netuid),
    parts: parts.filter((part) => part.amount > 0n),
  });
}

function writePayout(
  ledger: Ledger,
  payout: {
    readonly sealed: SealedEpoch;
    readonly scored: ScoredEpoch;
    readonly witnessed: Witnessed;
    readonly unattributed: bigint;
    readonly claim: { readonly key: string; readonly contentSha256: string };
  },
): number {
  const { sealed, scored, witnessed, unattributed, claim } = payout;
  const { netuid, index } = sealed;
  const left = ledger.book.posted(ledger.asset, sealedOf(netuid));
  if (left !== 0n) throw new Error(`epoch ${index} of subnet ${netuid} left ${left} rao unpaid`);
  const entry = ledger.journal.write({
    block: ledger.block,
    kind: 'EpochPaid',
    payload: {
      netuid,
      index,
      block: ledger.block,
      inputsSha256: scored.inputsSha256,
      outputsSha256: scored.outputsSha256,
      owner: sealed.owner,
      unattributed,
      neurons: scored.neurons,
      // With the seal's entry the signatures prove themselves to whoever reads the journal.
      ...(witnessed.by.length === 0 ? {} : { witnesses: witnessed.by }),
      ...(sealed.subnets === undefined ? {} : { shares: scored.shares }),
    },
    event: { kind: 'epoch-paid', netuid },
    keys: [claim],
  });
  ledger.claims.take(claim.key, { sequence: entry.sequence, contentSha256: claim.contentSha256 });
  ledger.sealed.remove(String(netuid));
  rememberPaid(ledger, sealed, scored);
  if (sealed.subnets !== undefined) applyRootShares(ledger, { index, shares: scored.shares });
  for (const neuron of scored.neurons) rememberEarnings(ledger, netuid, neuron);
  const subnet = ledger.subnet(netuid);
  if (subnet === undefined) throw new Error(`subnet ${netuid} vanished before its payment`);
  ledger.putSubnet({
    ...subnet,
    lastPaidIndex: index,
    lastPaidBlock: ledger.block,
    emissionLastEpoch: sealed.pot,
    ...(subnet.lock === undefined
      ? {}
      : { lock: { ...subnet.lock, ownerReceived: subnet.lock.ownerReceived + sealed.owner } }),
    lastInputsSha256: scored.inputsSha256,
  });
  return entry.sequence;
}

/** A neuron that was evicted after the seal is paid all the same, and has no row to remember it in. */
function rememberEarnings(ledger: Ledger, netuid: number, scored: ScoredNeuron): void {
  const neuron = ledger.neurons.get(neuronKey(netuid, scored.uid));
  if (neuron?.registrationId !== scored.registrationId) return;
  const earned = scored.incentive + scored.dividend;
  ledger.neurons.put(neuronKey(netuid, scored.uid), {
    ...neuron,
    incentiveU16: scored.incentiveU16,
    dividendsU16: scored.dividendsU16,
    permit: scored.permit,
    earnedLastEpoch: earned,
    earnedTotal: neuron.earnedTotal + earned,
  });
}
