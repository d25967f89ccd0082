import { stakeOf } from '../book/account.ts';
import type { Ledger } from '../economy/ledger.ts';
import type { Neuron } from '../economy/neuron.ts';
import { poolTotal } from '../economy/delegation.ts';
import { rootStakeBehind, rootWeightOf, rootWeightPpm, weighed } from '../root/root-stake.ts';
import { childrenOf, parentsOf, PROPORTION_WHOLE } from './links.ts';

/** What a neuron's stake comes to once parents have given and children were given. */
export interface Inheritance {
  /** Rao that counts, floored. */
  readonly stake: bigint;
  /** Rao that lies on the neuron itself: its owner's, and what others delegated. */
  readonly held: bigint;
  /** What of it and of what root counts for stays after its children's parts, in rao · 2^32. */
  readonly own: bigint;
  /** What each parent gives of both, in rao · 2^32; only of those that are registered. */
  readonly parents: readonly { readonly uid: number; readonly gives: bigint }[];
}

/** Bits of a fixed-point number behind the point, as on the chain (U96F32). */
const POINT = 32n;

/** A proportion as the chain has it: floored to 32 bits behind the point. */
export function factorOf(proportion: bigint): bigint {
  return (proportion << POINT) / PROPORTION_WHOLE;
}

/** Rao that lie on a neuron, whoever's they are. */
export function heldStake(ledger: Ledger, { netuid, hotkey, coldkey }: Neuron): bigint {
  return ledger.book.posted(ledger.asset, stakeOf(netuid, hotkey, coldkey)) + poolTotal(ledger, { netuid, hotkey });
}

/** Stake on a neuron and on root behind it, in rao times whatever it is counted by. */
interface Both {
  readonly held: bigint;
  readonly root: bigint;
}

function heldAndRoot(ledger: Ledger, neuron: Neuron): Both {
  return { held: heldStake(ledger, neuron), root: rootStakeBehind(ledger, neuron)?.stake ?? 0n };
}

/** The stake by which a neuron counts, in rao: what lies on it and what root counts for, after children and with parents. */
export function countedStake(ledger: Ledger, neuron: Neuron): bigint {
  const inherited = inheritanceOf(ledger, neuron);
  return inherited?.stake ?? heldStake(ledger, neuron) + (rootStakeBehind(ledger, neuron)?.counts ?? 0n);
}

/**
 * The stake by which a neuron counts; undefined where neither parents nor children have a part in it. Parents give of their stake
 * on root as they do of the subnet's.
 * Source: opentensor/subtensor pallets/subtensor/src/staking/stake_utils.rs, get_inherited_for_hotkey_on_subnet.
 */
export function inheritanceOf(ledger: Ledger, neuron: Neuron): Inheritance | undefined {
  const { netuid, hotkey } = neuron;
  const [children, givers] = [childrenOf(ledger, netuid, hotkey), parentsOf(ledger, netuid, hotkey)];
  if (children.length === 0 && givers.length === 0) return undefined;
  const weight = rootWeightOf(rootWeightPpm(ledger));
  const together = ({ held, root }: Both): bigint => held + ((root * weight) >> POINT);
  const self = heldAndRoot(ledger, neuron);
  const kept = children.reduce(
    (left, { proportion }) => ({
      held: left.held - self.held * factorOf(proportion),
      root: left.root - self.root * factorOf(proportion),
    }),
    { held: self.held << POINT, root: self.root << POINT },
  );
  const given = givers.flatMap((giver) => {
    const parent = ledger.neuronByHotkey(netuid, giver.hotkey);
    if (parent === undefined) return [];
    const [{ held, root }, factor] = [heldAndRoot(ledger, parent), factorOf(giver.proportion)];
    return [{ uid: parent.uid, held: held * factor, root: root * factor }];
  });
  const held = given.reduce((sum, each) => sum + each.held, kept.held) >> POINT;
  const root = given.reduce((sum, each) => sum + each.root, kept.root) >> POINT;
  const parents = given.map(({ uid, ...each }) => ({ uid, gives: together(each) })).filter(({ gives }) => gives > 0n);
  return { stake: held + weighed(root, weight), held: self.held, own: together(kept), parents };
}
