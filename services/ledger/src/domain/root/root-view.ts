import { accept, type Decision, refuse } from '../book/refusal.ts';
import { waitingOf } from '../economy/delegation.ts';
import { poolAt } from '../economy/delegation-rows.ts';
import type { Ledger } from '../economy/ledger.ts';
import { ROOT_NETUID } from '../economy/root-netuid.ts';
import { takeOf } from '../economy/take.ts';
import { rootStakeOn, rootWeightPpm } from './root-stake.ts';

/** What stands on root behind a hotkey, for whoever asks. Money in rao. */
export interface RootView {
  readonly hotkey: string;
  readonly coldkey: string;
  readonly weightPpm: number;
  readonly takeU16: number;
  readonly stake: bigint;
  readonly delegated: bigint;
  readonly waiting: bigint;
  readonly counts: bigint;
  /** Whether it is a member of the root network. */
  readonly hasSeat: boolean;
  /** Where it counts, ascending. */
  readonly places: readonly { readonly netuid: number; readonly handle: string; readonly uid: number }[];
}

export function rootView(ledger: Ledger, hotkey: string): Decision<RootView> {
  const coldkey = ledger.hotkeys.get(hotkey);
  if (coldkey === undefined) return refuse('NOT_REGISTERED', `${hotkey} was never registered`);
  const { stake, delegated, counts } = rootStakeOn(ledger, hotkey);
  const places = [...ledger.subnets.values()].flatMap(({ netuid, handle }) => {
    const neuron = netuid === ROOT_NETUID ? undefined : ledger.neuronByHotkey(netuid, hotkey);
    return neuron === undefined ? [] : [{ netuid, handle, uid: neuron.uid }];
  });
  return accept({
    hotkey,
    coldkey,
    weightPpm: rootWeightPpm(ledger),
    takeU16: takeOf(ledger, hotkey),
    stake,
    delegated,
    counts,
    waiting: waitingOf(ledger, poolAt(ledger, { netuid: ROOT_NETUID, hotkey })),
    hasSeat: ledger.neuronByHotkey(ROOT_NETUID, hotkey) !== undefined,
    places: places.toSorted((a, b) => a.netuid - b.netuid),
  });
}
