import { stakeOf } from '../book/account.ts';
import type { Ledger } from '../economy/ledger.ts';
import type { Neuron } from '../economy/neuron.ts';
import { poolTotal } from '../economy/delegation.ts';
import { childrenOf, parentsOf, PROPORTION_WHOLE } from './links.ts';

/** What a neuron's stake comes to once parents have given and children were given. */
export interface Inheritance {
  /** Rao that counts, floored. */
  readonly stake: bigint;
  /** Rao that lies on the neuron itself: its owner's, and what others delegated. */
  readonly held: bigint;
  /** What of it stays after its children's parts, in rao · 2^32. */
  readonly own: bigint;
  /** What each parent gives, in rao · 2^32; only of those that are registered. */
  readonly parents: readonly { readonly uid: number; readonly gives: bigint }[];
}

/** Bits of a fixed-point number behind the point, as on the chain (U96F32). */
const POINT = 32n;

/** A proportion as the chain has it: floored to 32 bits behind the point. */
function factorOf(proportion: bigint): bigint {
  return (proportion << POINT) / PROPORTION_WHOLE;
}

/** Rao that lie on a neuron, whoever's they are. */
export function heldStake(ledger: Ledger, { netuid, hotkey, coldkey }: Neuron): bigint {
  return ledger.book.posted(ledger.asset, stakeOf(netuid, hotkey, coldkey)) + poolTotal(ledger, { netuid, hotkey });
}

/**
 * The stake by which a neuron counts; undefined where neither parents nor children have a part in it.
 * Source: opentensor/subtensor pallets/subtensor/src/staking/stake_utils.rs, get_inherited_for_hotkey_on_subnet.
 */
export function inheritanceOf(ledger: Ledger, neuron: Neuron): Inheritance | undefined {
  const { netuid, hotkey } = neuron;
  const [children, givers] = [childrenOf(ledger, netuid, hotkey), parentsOf(ledger, netuid, hotkey)];
  if (children.length === 0 && givers.length === 0) return undefined;
  const held = heldStake(ledger, neuron);
  const given = children.reduce((sum, { proportion }) => sum + held * factorOf(proportion), 0n);
  const own = (held << POINT) - given;
  const parents = givers.flatMap((giver) => {
    const parent = ledger.neuronByHotkey(netuid, giver.hotkey);
    const gives = parent === undefined ? 0n : heldStake(ledger, parent) * factorOf(giver.proportion);
    return parent === undefined || gives === 0n ? [] : [{ uid: parent.uid, gives }];
  });
  const stake = parents.reduce((sum, { gives }) => sum + gives, own) >> POINT;
  return { stake, held, own, parents };
}
