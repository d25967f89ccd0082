import { OWNER_CUT_U16 } from '@subnetes/consensus/alpha-split';
import type { Interval } from '@subnetes/consensus/projection/emission-path';
import type { RootOutlook } from '@subnetes/consensus/projection/root-pool';
import { type DividendOutlook, type ValidatorOutlook, yieldQ64 } from '@subnetes/consensus/projection/stake-projection';
import { potOf, stakeOf, unattributedOf } from '../book/account.ts';
import { heldStake } from '../children/inherit.ts';
import { poolTotal, waitingOf } from '../economy/delegation.ts';
import type { Ledger } from '../economy/ledger.ts';
import type { Neuron } from '../economy/neuron.ts';
import { poolAt } from '../economy/delegation-rows.ts';
import { ROOT_NETUID } from '../economy/root-netuid.ts';
import { rootStakeBehind, rootStakeOn, rootWeightPpm } from '../root/root-stake.ts';
import { nextEpochBlock, type Subnet } from '../economy/subnet.ts';
import { takeOf } from '../economy/take.ts';
import type { PaidEpoch } from './paid-epochs.ts';

/** When the next epochs are and what they have, as far as that is known. */
export type EpochOutlook = Pick<DividendOutlook, 'tempo' | 'blocksToSeal' | 'pot' | 'sealedPot' | 'ownerCutU16'>;

/** Each epoch is taken to be paid before the next one is due. */
export function epochOutlook(ledger: Ledger, subnet: Subnet): EpochOutlook {
  const { netuid } = subnet;
  const posted = (account: string): bigint => ledger.book.posted(ledger.asset, account);
  return {
    tempo: (subnet.pending ?? subnet.active).policy.hyperparameters.tempo,
    blocksToSeal: Math.max(1, nextEpochBlock(subnet) - ledger.block),
    pot: posted(potOf(netuid)) + posted(unattributedOf(netuid)),
    sealedPot: ledger.sealed.get(String(netuid))?.pot ?? 0n,
    ownerCutU16: OWNER_CUT_U16,
  };
}

/** What epochs of late paid of what they had. */
export function paidOf(epochs: readonly PaidEpoch[]) {
  const sum = (amountOf: (epoch: PaidEpoch) => bigint): bigint =>
    epochs.reduce((total, epoch) => total + amountOf(epoch), 0n);
  const [dividends, incentives] = [sum((epoch) => epoch.dividends), sum((epoch) => epoch.incentives)];
  return { dividends, incentives, all: dividends + incentives, pots: sum((epoch) => epoch.pots) };
}

/** A validator, with its lowest, its mean and its highest yield of late. */
export interface Standing {
  readonly uid: number;
  readonly outlook: Omit<ValidatorOutlook, 'yieldQ64'>;
  readonly yields: Interval<bigint>;
}

/** Validators that earned dividends, and `also`: who earned none takes none of the others', so it need not be reckoned. */
export function standingsOf(
  ledger: Ledger,
  netuid: number,
  { epochs, also }: { readonly epochs: readonly PaidEpoch[]; readonly also?: number },
): readonly Standing[] {
  return ledger
    .neuronsOf(netuid)
    .map((neuron) => ({ neuron, yields: yieldsOf(neuron, epochs) }))
    .filter(({ neuron, yields }) => yields.mean > 0n || neuron.uid === also)
    .map(({ neuron, yields }) => ({ uid: neuron.uid, yields, outlook: standingOf(ledger, neuron) }));
}

/** What root counts for in a subnet, and what lies on neurons that earned no dividends; nothing where no stake is taken on root. */
export function rootOutlook(
  ledger: Ledger,
  netuid: number,
  standings: readonly Standing[],
): Pick<DividendOutlook, 'rootWeightPpm' | 'others'> {
  const weightPpm = rootWeightPpm(ledger);
  if (weightPpm === 0) return {};
  const known = new Set(standings.map(({ uid }) => uid));
  let [stake, root] = [0n, 0n];
  for (const neuron of ledger.neuronsOf(netuid)) {
    if (known.has(neuron.uid)) continue;
    stake += heldStake(ledger, neuron);
    root += rootStakeBehind(ledger, neuron)?.counts ?? 0n;
  }
  return { rootWeightPpm: weightPpm, others: { stake, root } };
}

/** Validators of a subnet under three assumptions about one of them, at its place among them. */
export function validatorsOf(ledger: Ledger, target: Neuron, epochs: readonly PaidEpoch[]) {
  const standings = standingsOf(ledger, target.netuid, { epochs, also: target.uid });
  const by = (kind: keyof Interval<bigint>): readonly ValidatorOutlook[] =>
    standings.map(({ uid, outlook, yields }) => ({
      ...outlook,
      yieldQ64: uid === target.uid ? yields[kind] : yields.mean,
    }));
  return {
    outlooks: { low: by('low'), mean: by('mean'), high: by('high') },
    root: rootOutlook(ledger, target.netuid, standings),
    index: standings.findIndex(({ uid }) => uid === target.uid),
  };
}

function standingOf(ledger: Ledger, neuron: Neuron): Standing['outlook'] {
  const { netuid, hotkey, coldkey } = neuron;
  return {
    own: ledger.book.posted(ledger.asset, stakeOf(netuid, hotkey, coldkey)),
    delegated: poolTotal(ledger, neuron),
    waiting: waitingOf(ledger, neuron),
    takeU16: takeOf(ledger, hotkey),
    ...(rootWeightPpm(ledger) === 0 || netuid === ROOT_NETUID ? {} : { root: rootOf(ledger, hotkey) }),
  };
}

function rootOf(ledger: Ledger, hotkey: string): RootOutlook {
  const { stake, delegated } = rootStakeOn(ledger, hotkey);
  const place = poolAt(ledger, { netuid: ROOT_NETUID, hotkey });
  return { key: place.hotkey, own: stake - delegated, delegated, waiting: waitingOf(ledger, place) };
}

function yieldsOf(neuron: Neuron, epochs: readonly PaidEpoch[]): Interval<bigint> {
  const seen = epochs.flatMap(({ dividends, stakes, earned }) => {
    const own = earned.find(({ uid, since }) => uid === neuron.uid && since === neuron.registeredAtBlock);
    return own === undefined ? [] : [{ dividend: own.dividend, stake: own.stake, dividends, stakes }];
  });
  const each = seen.map((epoch) => yieldQ64([epoch])).toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return { low: each[0] ?? 0n, mean: yieldQ64(seen), high: each.at(-1) ?? 0n };
}
