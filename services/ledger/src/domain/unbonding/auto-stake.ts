import { stakeOf } from '../book/account.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import { type Place, poolAt } from '../economy/delegation-rows.ts';
import type { Ledger } from '../economy/ledger.ts';
import type { Neuron } from '../economy/neuron.ts';
import { writeRegistration } from '../economy/registration.ts';
import { neuronAt, poolHolderOf } from '../keys/pool-name.ts';
import type { SealedEpoch } from '../economy/sealed-epoch.ts';
import { placeText } from './bond.ts';

export interface AutoStakeOrder extends Place {
  readonly isOn: boolean;
}

/** Says whether what a neuron of this owner earns goes onto its stake. It ends with the registration. */
export function setAutoStake(ledger: Ledger, owner: string, order: AutoStakeOrder): Decision<undefined> {
  const { netuid, hotkey, isOn } = order;
  const neuron = ledger.neuronByHotkey(netuid, hotkey);
  if (neuron === undefined) return refuse('NOT_REGISTERED', `${hotkey} is not registered in subnet ${netuid}`);
  if (neuron.coldkey !== owner) return refuse('NOT_OWNER', `${hotkey} belongs to ${neuron.coldkey}`);
  const { registrationId } = neuron;
  const place = poolAt(ledger, order);
  if (isOn) ledger.autoStakes.put(placeText(place), { ...place, owner, registrationId });
  else ledger.autoStakes.remove(placeText(place));
  return accept(undefined);
}

/** Whether what a neuron of this registration earns goes onto its stake. */
export function hasEarningsStaked(ledger: Ledger, { netuid, hotkey, registrationId }: Neuron): boolean {
  return ledger.autoStakes.get(placeText(poolAt(ledger, { netuid, hotkey })))?.registrationId === registrationId;
}

/** Neurons of an owner whose earnings are staked. */
export function autoStakesOf(ledger: Ledger, owner: string): readonly Place[] {
  return ledger.autoStakes.find(`owner/${owner}`).map(({ netuid, hotkey }) => ({
    netuid,
    hotkey: poolHolderOf(ledger, netuid, hotkey),
  }));
}

/** After an epoch was paid: what neurons earned themselves goes onto their stake where their owners said so. Rao by uid. */
export function stakeEarnings(
  ledger: Ledger,
  { netuid, index, neurons }: SealedEpoch,
  earned: ReadonlyMap<number, bigint>,
): Decision<undefined> {
  const staked = [];
  for (const { uid, hotkey, coldkey, registrationId } of neurons) {
    const rao = earned.get(uid) ?? 0n;
    const auto = rao === 0n ? undefined : ledger.autoStakes.get(placeText(poolAt(ledger, { netuid, hotkey })));
    if (auto?.registrationId !== registrationId) continue;
    const neuron = neuronAt(ledger, netuid, hotkey);
    if (neuron?.registrationId !== registrationId || neuron.coldkey !== coldkey) continue;
    const parts = [{ to: stakeOf(netuid, neuron.hotkey, coldkey), amount: rao }];
    const paid = ledger.book.pay({ asset: ledger.asset, from: coldkey, parts });
    if (!paid.ok) return paid;
    staked.push({ neuron, uid, hotkey: neuron.hotkey, coldkey, rao });
  }
  if (staked.length === 0) return accept(undefined);
  const told = staked.map(({ neuron: _neuron, ...each }) => each);
  ledger.journal.write({ block: ledger.block, kind: 'EarningsStaked', payload: { netuid, index, neurons: told } });
  for (const { neuron } of staked) writeRegistration(ledger, neuron, 'StakeChanged');
  return accept(undefined);
}
