import { OWNER_CUT_U16 } from '@subnetes/consensus/alpha-split';
import type { Interval } from '@subnetes/consensus/projection/emission-path';
import type { RootOutlook } from '@subnetes/consensus/projection/root-pool';
import type { DividendOutlook, Lineage, ValidatorOutlook } from '@subnetes/consensus/projection/stake-outlook';
import { yieldQ64 } from '@subnetes/consensus/projection/stake-projection';
import { potOf, stakeOf, unattributedOf } from '../book/account.ts';
import { factorOf, heldStake } from '../children/inherit.ts';
import { childrenOf, childTakeOf, parentsOf, PROPORTION_WHOLE } from '../children/links.ts';
import { poolTotal, waitingOf } from '../economy/delegation.ts';
import type { Ledger } from '../economy/ledger.ts';
import type { Neuron } from '../economy/neuron.ts';
import { poolAt } from '../economy/delegation-rows.ts';
import { ROOT_NETUID } from '../economy/root-netuid.ts';
import { rootStakeBehind, rootStakeOn, rootWeightPpm } from '../root/root-stake.ts';
import { nextEpochBlock, type Subnet } from '../economy/subnet.ts';
import { takeOf } from '../economy/take.ts';
import { hasEarningsStaked } from '../unbonding/auto-stake.ts';
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

/**
 * Validators that earned dividends, and parents of such, who have a part of theirs; and `also`. Who has none takes none of the others',
 * so it need not be reckoned.
 */
export function standingsOf(
  ledger: Ledger,
  netuid: number,
  { epochs, also }: { readonly epochs: readonly PaidEpoch[]; readonly also?: number },
): readonly Standing[] {
  const seen = new EarningsSeen(epochs);
  const all = ledger.neuronsOf(netuid).map((neuron) => ({ neuron, yields: seen.yieldsOf(neuron) }));
  const wanted = new Set<number | undefined>([also]);
  for (const { neuron, yields } of all) {
    if (yields.mean === 0n) continue;
    wanted.add(neuron.uid);
    for (const { hotkey } of parentsOf(ledger, netuid, neuron.hotkey)) {
      wanted.add(ledger.neuronByHotkey(netuid, hotkey)?.uid);
    }
  }
  return all
    .filter(({ neuron }) => wanted.has(neuron.uid))
    .map(({ neuron, yields }) => ({ uid: neuron.uid, yields, outlook: standingOf(ledger, neuron, seen) }));
}

/** What root counts for in a subnet, and what lies on neurons that earned no dividends; nothing where no stake is taken on root. */
export function rootOutlook(
  ledger: Ledger,
  netuid: number,
  { standings, epochs }: { readonly standings: readonly Standing[]; readonly epochs: readonly PaidEpoch[] },
): Pick<DividendOutlook, 'rootWeightPpm' | 'others'> {
  const weightPpm = rootWeightPpm(ledger);
  if (weightPpm === 0) return {};
  const seen = new EarningsSeen(epochs);
  const known = new Set(standings.map(({ uid }) => uid));
  let [stake, root, stakesQ64] = [0n, 0n, 0n];
  for (const neuron of ledger.neuronsOf(netuid)) {
    if (known.has(neuron.uid)) continue;
    stake += heldStake(ledger, neuron);
    root += rootStakeBehind(ledger, neuron)?.counts ?? 0n;
    if (hasEarningsStaked(ledger, neuron)) stakesQ64 += seen.incentivesQ64(neuron);
  }
  return { rootWeightPpm: weightPpm, others: { stake, root, stakesQ64 } };
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
    root: rootOutlook(ledger, target.netuid, { standings, epochs }),
    index: standings.findIndex(({ uid }) => uid === target.uid),
  };
}

function standingOf(ledger: Ledger, neuron: Neuron, seen: EarningsSeen): Standing['outlook'] {
  const { netuid, hotkey, coldkey, uid } = neuron;
  const lineage = lineageOf(ledger, neuron);
  return {
    uid,
    own: ledger.book.posted(ledger.asset, stakeOf(netuid, hotkey, coldkey)),
    delegated: poolTotal(ledger, neuron),
    waiting: waitingOf(ledger, neuron),
    takeU16: takeOf(ledger, hotkey),
    ...(rootWeightPpm(ledger) === 0 || netuid === ROOT_NETUID ? {} : { root: rootOf(ledger, hotkey) }),
    ...(lineage === undefined ? {} : { lineage }),
    ...(hasEarningsStaked(ledger, neuron) ? { stakes: { incentivesQ64: seen.incentivesQ64(neuron) } } : {}),
  };
}

/** What changes to children that are ordered and not in force yet make of it is not foreseen. */
function lineageOf(ledger: Ledger, { netuid, hotkey, coldkey }: Neuron): Lineage | undefined {
  const [children, givers] = [childrenOf(ledger, netuid, hotkey), parentsOf(ledger, netuid, hotkey)];
  if (children.length === 0 && givers.length === 0) return undefined;
  const keepsQ32 = children.reduce((left, { proportion }) => left - factorOf(proportion), factorOf(PROPORTION_WHOLE));
  const parents = givers.flatMap((giver) => {
    const parent = ledger.neuronByHotkey(netuid, giver.hotkey);
    if (parent === undefined) return [];
    const takeU16 = parent.coldkey === coldkey ? 0 : childTakeOf(ledger, netuid, hotkey);
    return [{ uid: parent.uid, givesQ32: factorOf(giver.proportion), takeU16 }];
  });
  return { keepsQ32, parents };
}

function rootOf(ledger: Ledger, hotkey: string): RootOutlook {
  const { stake, delegated } = rootStakeOn(ledger, hotkey);
  const place = poolAt(ledger, { netuid: ROOT_NETUID, hotkey });
  return { key: place.hotkey, own: stake - delegated, delegated, waiting: waitingOf(ledger, place) };
}

/** What neurons earned in the epochs that count, by uid. */
class EarningsSeen {
  readonly #epochs: readonly (PaidEpoch & { readonly byUid: ReadonlyMap<number, PaidEpoch['earned'][number]> })[];

  constructor(epochs: readonly PaidEpoch[]) {
    this.#epochs = epochs.map((epoch) => ({ ...epoch, byUid: new Map(epoch.earned.map((own) => [own.uid, own])) }));
  }

  yieldsOf(neuron: Neuron): Interval<bigint> {
    const seen = this.#of(neuron).map(({ dividends, stakes, own }) => ({ ...own, dividends, stakes }));
    const each = seen.map((epoch) => yieldQ64([epoch])).toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    return { low: each[0] ?? 0n, mean: yieldQ64(seen), high: each.at(-1) ?? 0n };
  }

  /** Which part of what there was for miners and validators it had as incentives, in 2^-64. */
  incentivesQ64(neuron: Neuron): bigint {
    const earned = this.#of(neuron).reduce((sum, { own }) => sum + own.incentive, 0n);
    const pots = this.#epochs.reduce((sum, epoch) => sum + epoch.pots, 0n);
    return pots === 0n ? 0n : (earned << 64n) / pots;
  }

  #of({ uid, registeredAtBlock }: Neuron) {
    return this.#epochs.flatMap(({ dividends, stakes, byUid }) => {
      const own = byUid.get(uid);
      return own?.since === registeredAtBlock ? [{ dividends, stakes, own }] : [];
    });
  }
}
