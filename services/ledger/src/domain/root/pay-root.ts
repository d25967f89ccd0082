import { delegatedOf, sealedOf, unattributedOf } from '../book/account.ts';
import type { Part } from '../book/payment.ts';
import { accept, type Decision } from '../book/refusal.ts';
import type { Dividend } from '../children/pay-parents.ts';
import { hasDelegations } from '../economy/delegation.ts';
import type { Ledger } from '../economy/ledger.ts';
import { neuronKey } from '../economy/neuron.ts';
import { ROOT_NETUID } from '../economy/root-netuid.ts';
import { type SealedEpoch, type SealedNeuron, subnetStakeOf } from '../economy/sealed-epoch.ts';
import { delegatorsPart } from '../economy/take.ts';
import { rootWeightOf } from './root-stake.ts';
import { partsByStake, potsOf } from './split-dividends.ts';

/** What a neuron's dividend became, in rao. */
interface Divided {
  readonly neuron: SealedNeuron;
  readonly dividend: bigint;
  /** For stake in the subnet, of which those who delegated there still have their part. */
  readonly subnet: bigint;
  /** For stake on root. */
  readonly root: bigint;
  /** Of that what goes into the hotkey's pool on root; the rest is its owner's. */
  readonly passedOn: bigint;
}

/** Dividends once root has its part. Rao. */
export interface RootPaid {
  /** For stake in the subnet. */
  readonly dividends: readonly Dividend[];
  /** What owners keep of root's part, by uid. */
  readonly kept: ReadonlyMap<number, bigint>;
  readonly unattributed: bigint;
}

/**
 * After an epoch was paid and parents have theirs: parts dividends between stake in the subnet and stake on root, and pays what
 * is root's into the pools there, less the take. Scoring's dividends are proportions: what they come to stays what it was.
 */
export function payRoot(
  ledger: Ledger,
  sealed: SealedEpoch,
  paid: { readonly dividends: readonly Dividend[]; readonly incentives: bigint },
): Decision<RootPaid> {
  const nothing = { dividends: paid.dividends, kept: new Map<number, bigint>(), unattributed: 0n };
  const { divided, unattributed } = divide(ledger, sealed, paid);
  if (divided.length === 0) return accept(nothing);
  const moved = settle(ledger, sealed, netOf(sealed, { divided, unattributed }));
  if (!moved.ok) return moved;
  const { netuid, index } = sealed;
  const neurons = divided.map(({ neuron: { uid, hotkey }, subnet, root, passedOn }) => ({
    uid,
    hotkey,
    subnet,
    root,
    passedOn,
  }));
  ledger.journal.write({ block: ledger.block, kind: 'RootPaid', payload: { netuid, index, neurons, unattributed } });
  for (const each of divided) correctEarnings(ledger, netuid, each);
  return accept({
    dividends: divided.map(({ neuron: { uid }, subnet }) => ({ uid, dividend: subnet })),
    kept: new Map(divided.map(({ neuron: { uid }, root, passedOn }) => [uid, root - passedOn])),
    unattributed,
  });
}

function divide(
  ledger: Ledger,
  sealed: SealedEpoch,
  { dividends, incentives }: { readonly dividends: readonly Dividend[]; readonly incentives: bigint },
): { readonly divided: readonly Divided[]; readonly unattributed: bigint } {
  if (sealed.root === undefined) return { divided: [], unattributed: 0n };
  const neurons = new Map(sealed.neurons.map((neuron) => [neuron.uid, neuron]));
  const earned = dividends.flatMap(({ uid, dividend }) => {
    const neuron = neurons.get(uid);
    return neuron === undefined || dividend === 0n ? [] : [{ neuron, dividend }];
  });
  const holders = earned.map(({ neuron, dividend }) => ({
    alphaStake: subnetStakeOf(neuron),
    rootStake: neuron.root?.stake ?? 0n,
    dividend,
  }));
  const all = earned.reduce((sum, { dividend }) => sum + dividend, 0n);
  // While nobody has incentives validators are paid of both halves, and root's part of theirs stays what it is.
  const half = incentives === 0n ? sealed.validator + sealed.miner : sealed.validator;
  const pots = potsOf(all, { holders, half, root: sealed.root.pot });
  if (pots.root === 0n) return { divided: [], unattributed: 0n };
  const parts = partsByStake(holders, pots, rootWeightOf(sealed.root.weightPpm));
  const divided = earned.map(({ neuron, dividend }, at) => {
    const [subnet = 0n, root = 0n] = [parts.subnet[at], parts.root[at]];
    return { neuron, dividend, subnet, root, passedOn: passedOnOf(ledger, neuron, root) };
  });
  return { divided, unattributed: parts.unattributed };
}

/** Where all have left since the seal it stays with the owner. */
function passedOnOf(ledger: Ledger, { hotkey, root, takeU16 = 0 }: SealedNeuron, rao: bigint): bigint {
  if (root === undefined || !hasDelegations(ledger, { netuid: ROOT_NETUID, hotkey: root.pool ?? hotkey })) return 0n;
  return delegatorsPart(rao, { stake: root.stake, delegated: root.delegated, takeU16 });
}

/** What each account gains or loses against what the epoch paid out before, all together nothing. */
function netOf(
  { netuid }: SealedEpoch,
  { divided, unattributed }: { readonly divided: readonly Divided[]; readonly unattributed: bigint },
): ReadonlyMap<string, bigint> {
  const net = new Map<string, bigint>([[unattributedOf(netuid), unattributed]]);
  const add = (account: string, rao: bigint) => net.set(account, (net.get(account) ?? 0n) + rao);
  for (const { neuron, dividend, subnet, root, passedOn } of divided) {
    add(neuron.coldkey, subnet + root - passedOn - dividend);
    if (passedOn > 0n) {
      add(delegatedOf(ROOT_NETUID, neuron.root?.pool ?? neuron.hotkey), passedOn);
    }
  }
  return net;
}

/** By way of the epoch's own account, which is empty again once it was paid. */
function settle(ledger: Ledger, { netuid }: SealedEpoch, net: ReadonlyMap<string, bigint>): Decision<undefined> {
  const { asset, book } = ledger;
  const hub = sealedOf(netuid);
  for (const [from, rao] of net) {
    if (rao >= 0n) continue;
    const paid = book.pay({ asset, from, parts: [{ to: hub, amount: -rao }] });
    if (!paid.ok) return paid;
  }
  const parts: Part[] = [...net].filter(([, rao]) => rao > 0n).map(([to, amount]) => ({ to, amount }));
  if (parts.length === 0) return accept(undefined);
  const paid = book.pay({ asset, from: hub, parts });
  return paid.ok ? accept(undefined) : paid;
}

/** What a neuron is told to have earned is what it was paid, whoever's stake it was. */
function correctEarnings(ledger: Ledger, netuid: number, { neuron, dividend, subnet, root }: Divided): void {
  const key = neuronKey(netuid, neuron.uid);
  const row = ledger.neurons.get(key);
  const rao = subnet + root - dividend;
  if (rao === 0n || row?.registrationId !== neuron.registrationId) return;
  ledger.neurons.put(key, {
    ...row,
    earnedLastEpoch: row.earnedLastEpoch + rao,
    earnedTotal: row.earnedTotal + rao,
  });
}
