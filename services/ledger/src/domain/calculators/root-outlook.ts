import type { Interval } from '@subnetes/consensus/projection/emission-path';
import { projectTogether, type StakeReward } from '@subnetes/consensus/projection/stake-projection';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import { delegationOf } from '../economy/delegation.ts';
import type { Ledger } from '../economy/ledger.ts';
import { ROOT_NETUID } from '../economy/root-netuid.ts';
import { rootWeightPpm } from '../root/root-stake.ts';
import { rootView } from '../root/root-view.ts';
import { PROJECTED_BLOCKS_MAX, projectStakeOn, type StakeAsked, type StakeProjection } from './calculators.ts';
import { outlookOf } from './emission-outlook.ts';
import { usualEpochsOf } from './paid-epochs.ts';
import { subnetAsked, subnetsBeside } from './subnets-beside.ts';

/** What a wallet's stake on a neuron earns, or on its hotkey on root. */
export function projectStakeAt(ledger: Ledger, asked: StakeAsked): Decision<StakeProjection> {
  const isOnRoot = asked.netuid === ROOT_NETUID && rootWeightPpm(ledger) > 0;
  return isOnRoot ? projectRootStake(ledger, asked) : projectStakeOn(ledger, asked);
}

/** What a wallet's stake on a hotkey on root earns in all subnets in which that is registered, which share its pool. */
function projectRootStake(ledger: Ledger, { hotkey, wallet, add, blocks }: StakeAsked): Decision<StakeProjection> {
  if (!Number.isInteger(blocks) || blocks < 1 || blocks > PROJECTED_BLOCKS_MAX) {
    return refuse('INVALID_ARGUMENT', `blocks must be 1 to ${PROJECTED_BLOCKS_MAX}, not ${blocks}`);
  }
  const view = rootView(ledger, hotkey);
  if (!view.ok) return view;
  const { places, hasSeat, coldkey } = view.value;
  if (hasSeat && coldkey === wallet) {
    return refuse('INVALID_ARGUMENT', 'what a member of the root network has there itself is not projected');
  }
  const [first] = places;
  if (first === undefined) {
    return refuse('NOT_REGISTERED', `${hotkey} is registered in no subnet: stake on root earns nothing behind it`);
  }
  const { worth: stake, waiting } =
    wallet === undefined ? { worth: 0n, waiting: 0n } : delegationOf(ledger, wallet, { netuid: ROOT_NETUID, hotkey });
  const stakeBefore = stake + waiting + add;
  if (stakeBefore === 0n) return refuse('INVALID_ARGUMENT', 'there is no stake to project: name an amount to add');
  const question = { as: 'root', stake, waiting, add, blocks, restake: false } as const;
  const asked = places.flatMap(({ netuid }) => {
    const [subnet, neuron] = [ledger.subnet(netuid), ledger.neuronByHotkey(netuid, hotkey)];
    return subnet === undefined || neuron === undefined ? [] : [{ netuid, by: subnetAsked(ledger, subnet, neuron) }];
  });
  const beside = subnetsBeside(
    ledger,
    asked.map(({ netuid, by }) => ({ netuid, outlook: by.mean.outlook })),
  );
  const of = (kind: keyof Interval<unknown>): StakeReward =>
    projectTogether([...asked.map(({ by }) => by[kind]), ...beside], question);
  const { basis, method } = outlookOf(ledger, first.netuid);
  return accept({
    block: ledger.block,
    blocks,
    basis,
    method,
    epochsSeen: Math.min(...places.map(({ netuid }) => usualEpochsOf(ledger, netuid).length)),
    as: 'root',
    stakeBefore,
    outcome: { low: of('low'), mean: of('mean'), high: of('high') },
  });
}
