import { delegatedOf } from '../book/account.ts';
import type { Part } from '../book/payment.ts';
import { accept, type Decision } from '../book/refusal.ts';
import { poolNameOf } from '../keys/pool-name.ts';
import { countDelegations, hasDelegations } from './delegation.ts';
import { awaitingPools, countRootStake } from '../root/count-root.ts';
import { openSlashes } from '../slashing/slash-table.ts';
import type { Ledger } from './ledger.ts';
import { ROOT_NETUID } from './root-netuid.ts';
import { type SealedEpoch, type SealedNeuron, subnetStakeOf } from './sealed-epoch.ts';
import type { Subnet } from './subnet.ts';
import { delegatorsPart } from './take.ts';

/** Before an epoch is sealed: what was delegated since the last seal counts from this one on. */
export function sealDelegations(ledger: Ledger, { netuid, epochIndex }: Subnet): Decision<undefined> {
  const pools = [];
  const awaiting = netuid === ROOT_NETUID ? awaitingPools(ledger) : undefined;
  for (const { hotkey } of ledger.neuronsOf(netuid)) {
    if (awaiting?.has(poolNameOf(ledger, netuid, hotkey)) === true) continue;
    // Who comes in meanwhile would answer for what was before: it goes on waiting, and can be taken back.
    if (openSlashes(ledger, { netuid, hotkey }).length > 0) continue;
    const counted = countDelegations(ledger, { netuid, hotkey });
    if (!counted.ok) return counted;
    if (counted.value !== undefined) pools.push(counted.value);
  }
  if (pools.length > 0) {
    const payload = { netuid, index: epochIndex + 1, pools };
    ledger.journal.write({ block: ledger.block, kind: 'DelegationsCounted', payload });
  }
  return countRootStake(ledger, { netuid, index: epochIndex + 1 });
}

/**
 * After an epoch was paid: what validators were paid for the stake of others goes on to them, without the take, into their pools.
 * Where all of them have left meanwhile it stays with the validator. Answers what was passed on, in rao by uid.
 */
export function payDelegators(
  ledger: Ledger,
  sealed: SealedEpoch,
  scored: readonly { readonly uid: number; readonly dividend: bigint }[],
): Decision<ReadonlyMap<number, bigint>> {
  const neurons = new Map(sealed.neurons.map((neuron) => [neuron.uid, neuron]));
  const pools = scored.flatMap(({ uid, dividend }) => {
    const neuron = neurons.get(uid);
    const rao = neuron === undefined ? 0n : partOf(ledger, sealed.netuid, neuron, dividend);
    return neuron === undefined || rao === 0n ? [] : [{ uid, hotkey: neuron.hotkey, coldkey: neuron.coldkey, rao }];
  });
  const passedOn = new Map(pools.map(({ uid, rao }) => [uid, rao]));
  if (pools.length === 0) return accept(passedOn);
  for (const [from, paid] of Map.groupBy(pools, ({ coldkey }) => coldkey)) {
    const parts: Part[] = paid.map(({ hotkey, rao }) => ({
      to: delegatedOf(sealed.netuid, poolNameOf(ledger, sealed.netuid, hotkey)),
      amount: rao,
    }));
    const moved = ledger.book.pay({ asset: ledger.asset, from, parts });
    if (!moved.ok) return moved;
  }
  const { netuid, index } = sealed;
  ledger.journal.write({ block: ledger.block, kind: 'DelegatorsPaid', payload: { netuid, index, pools } });
  return accept(passedOn);
}

function partOf(ledger: Ledger, netuid: number, neuron: SealedNeuron, dividend: bigint): bigint {
  const { hotkey, delegated = 0n, takeU16 = 0 } = neuron;
  if (delegated === 0n || !hasDelegations(ledger, { netuid, hotkey })) return 0n;
  return delegatorsPart(dividend, { stake: subnetStakeOf(neuron), delegated, takeU16 });
}
