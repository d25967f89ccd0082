import { OWNER_CUT_U16 } from '@subnetes/consensus/alpha-split';
import { blockReward } from '@subnetes/consensus/issuance';
import { accept, type Decision } from '../book/refusal.ts';
import { MINT, potOf, sealedOf, unattributedOf } from '../book/account.ts';
import { burnAtSeal } from './burn-price.ts';
import { emissionSplit, splitEmission, startedSubnets } from './emission-split.ts';
import { passUse, utilityFromBlock } from './emission-utility.ts';
import { sealDelegations } from './delegators.ts';
import { advanceChallenges } from '../life/advance-challenges.ts';
import { advanceDissolutions } from '../life/advance-dissolutions.ts';
import type { Ledger } from './ledger.ts';
import type { Neuron } from './neuron.ts';
import { ROOT_NETUID } from './root-network.ts';
import { sealedDraw } from './seal-draw.ts';
import type { SealedEpoch, SealedNeuron, SealedSubnet } from './sealed-epoch.ts';
import { isEpochDue, type Subnet } from './subnet.ts';
import { stakeView } from './views.ts';

/** The next block, as everybody is told of it. */
export interface ProducedBlock {
  readonly block: number;
  readonly hash: string;
  readonly minted: bigint;
  readonly sealed: readonly SealedEpoch[];
}

/**
 * Produces the next block: ends holds, mints the reward into the pots of the started subnets by the
 * network's emission policy, and seals the epochs that are due. `timeMs` (Unix) is for people; it decides nothing but which
 * round of a beacon, still to come, draws judges.
 */
export function produceBlock(ledger: Ledger, timeMs: number): Decision<ProducedBlock> {
  const block = ledger.block + 1;
  ledger.network = { ...ledger.network, block };
  tellSwitch(ledger);
  const minted = mint(ledger);
  if (!minted.ok) return minted;
  const use = passUse(ledger);
  const entry = ledger.journal.write({
    block,
    kind: 'Block',
    payload: { block, timeMs, minted: minted.value, ...(use.length === 0 ? {} : { use }) },
    event: { kind: 'block' },
  });
  ledger.network = { ...ledger.network, blockHash: entry.hash, rewards: ledger.network.rewards + minted.value };

  const expired = ledger.book.expireHolds(block);
  if (expired.length > 0) ledger.journal.write({ block, kind: 'HoldsExpired', payload: { holds: expired } });

  const sealed: SealedEpoch[] = [];
  for (const subnet of [...ledger.subnets.values()].toSorted((a, b) => a.netuid - b.netuid)) {
    if (!isEpochDue(subnet, block)) continue;
    const epoch = sealEpoch(ledger, subnet, timeMs);
    if (!epoch.ok) return epoch;
    sealed.push(epoch.value);
  }
  // After the seals: who goes in this block is in its epochs and is paid by them.
  const places = advanceChallenges(ledger);
  if (!places.ok) return places;
  const ends = advanceDissolutions(ledger);
  if (!ends.ok) return ends;
  return accept({ block, hash: entry.hash, minted: minted.value, sealed });
}

/** A network that begins with equal parts tells when it goes over to use. */
function tellSwitch({ network: { genesis, block }, journal }: Ledger): void {
  const { emissionPolicy } = genesis;
  if (emissionPolicy.name !== 'Utility' || emissionPolicy.fromBlock === undefined) return;
  if (block !== utilityFromBlock(emissionPolicy)) return;
  journal.write({ block, kind: 'EmissionSwitched', payload: { block, from: 'Equal', to: 'Utility' } });
}

function mint(ledger: Ledger): Decision<bigint> {
  const split = emissionSplit(ledger, ledger.block);
  const amounts = splitEmission(blockReward(ledger.network.genesis, ledger.issued), split);
  const parts = split.parts
    .map(({ netuid }, index) => ({ to: potOf(netuid), amount: amounts[index] ?? 0n }))
    .filter((part) => part.amount > 0n);
  return parts.length === 0 ? accept(0n) : ledger.book.pay({ asset: ledger.asset, from: MINT, parts });
}

/** Freezes who takes part in an epoch and what it distributes, in one entry, and puts a pending policy in force. */
function sealEpoch(ledger: Ledger, subnet: Subnet, timeMs: number): Decision<SealedEpoch> {
  const { netuid } = subnet;
  const draw = sealedDraw((subnet.pending ?? subnet.active).policy, timeMs);
  const counted = sealDelegations(ledger, subnet);
  if (!counted.ok) return counted;
  const moved = fillSealedAccount(ledger, netuid);
  if (!moved.ok) return moved;
  const pot = moved.value;
  const owner = (pot * BigInt(OWNER_CUT_U16)) / 65_535n;
  const miner = (pot - owner) / 2n;
  const draft = {
    netuid,
    index: subnet.epochIndex + 1,
    block: ledger.block,
    pot,
    owner,
    miner,
    validator: pot - owner - miner,
    ownerColdkey: subnet.owner,
    startBlock: subnet.startBlock,
    previousInputsSha256: subnet.lastInputsSha256,
    policyVersion: subnet.active.version,
    policySha256: subnet.active.sha256,
    neurons: ledger.neuronsOf(netuid).map((neuron) => ({
      uid: neuron.uid,
      hotkey: neuron.hotkey,
      coldkey: neuron.coldkey,
      registeredAtBlock: neuron.registeredAtBlock,
      registrationId: neuron.registrationId,
      ...sealedStake(ledger, neuron),
    })),
    ...(netuid === ROOT_NETUID ? { subnets: sealedSubnets(ledger) } : {}),
  };
  const entry = ledger.journal.write({
    block: ledger.block,
    kind: 'EpochDue',
    // What begins with this seal is told with it: who follows the stream must not learn of it an epoch late.
    payload: {
      epoch: draft,
      policy: subnet.active.policy,
      ...(subnet.pending === null ? {} : { next: subnet.pending }),
      ...(draw === undefined ? {} : { draw }),
    },
    event: { kind: 'epoch-due', netuid },
  });
  const sealed: SealedEpoch = { ...draft, sequence: entry.sequence };
  ledger.sealed.put(String(netuid), sealed);
  const { burn: _before, ...kept } = subnet;
  const active = subnet.pending ?? subnet.active;
  ledger.putSubnet({
    ...kept,
    ...burnAtSeal(subnet, active.policy, ledger.block),
    epochIndex: sealed.index,
    epochBlock: sealed.block,
    active,
    pending: null,
  });
  return accept(sealed);
}

function sealedStake(ledger: Ledger, neuron: Neuron): Pick<SealedNeuron, 'stake' | 'delegated' | 'takeU16'> {
  const { stake, delegated, takeU16 } = stakeView(ledger, neuron);
  return delegated === 0n ? { stake } : { stake, delegated, takeU16 };
}

function sealedSubnets(ledger: Ledger): readonly SealedSubnet[] {
  return startedSubnets(ledger).map(({ netuid, startBlock }) => ({ netuid, startBlock }));
}

/** Moves the pot and what earlier epochs left over aside, since blocks go on filling the pot. */
function fillSealedAccount(ledger: Ledger, netuid: number): Decision<bigint> {
  const { asset, book } = ledger;
  for (const from of [potOf(netuid), unattributedOf(netuid)]) {
    const amount = book.posted(asset, from);
    if (amount === 0n) continue;
    const paid = book.pay({ asset, from, parts: [{ to: sealedOf(netuid), amount }] });
    if (!paid.ok) return paid;
  }
  return accept(book.posted(asset, sealedOf(netuid)));
}
