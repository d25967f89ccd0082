import { OWNER_CUT_U16 } from '@subnetes/consensus/alpha-split';
import { blockReward } from '@subnetes/consensus/issuance';
import { accept, type Decision } from '../book/refusal.ts';
import { MINT, potOf, sealedOf, unattributedOf } from '../book/account.ts';
import { fillPools, type PoolFill } from '../pools/fill-pools.ts';
import { followPools } from '../pools/follow-pools.ts';
import { advanceGovernance } from '../governance/advance.ts';
import { switchEmission } from '../governance/emission-change.ts';
import { inheritanceOf } from '../children/inherit.ts';
import { childTakeOf } from '../children/links.ts';
import { applyChildren } from '../children/set-children.ts';
import { poolNameOf } from '../keys/pool-name.ts';
import { rootStakeBehind, rootWeightPpm } from '../root/root-stake.ts';
import { sealedProportion, splitPot } from '../root/split-pot.ts';
import { passStakeTime } from '../slashing/decide.ts';
import { burnAtSeal, passIntervals } from './burn-price.ts';
import { emissionSplit, splitEmission, startedSubnets } from './emission-split.ts';
import { passUse } from './emission-utility.ts';
import { sealDelegations } from './delegators.ts';
import { advanceChallenges } from '../life/advance-challenges.ts';
import { advanceDissolutions } from '../life/advance-dissolutions.ts';
import type { Ledger } from './ledger.ts';
import type { Neuron } from './neuron.ts';
import { ROOT_NETUID } from './root-netuid.ts';
import { sealedDraw } from './seal-draw.ts';
import type { SealedEpoch, SealedNeuron, SealedSubnet } from './sealed-epoch.ts';
import { takesPart } from '../life/subnet-life.ts';
import { isEpochDue, type Subnet } from './subnet.ts';
import { stakeView } from './views.ts';

/** The next block, as everybody is told of it. */
export interface ProducedBlock {
  readonly block: number;
  readonly hash: string;
  readonly minted: bigint;
  readonly sealed: readonly SealedEpoch[];
  /** Time from this block to the next one, as a proposal may just have changed it. */
  readonly blockTimeMs: number;
}

/**
 * Produces the next block: ends holds and votes, decides slashes, releases stake whose time has come, mints the reward into the
 * pots and pools of the started subnets by the network's emission policy, moves prices whose interval ends, and seals the epochs that are due. `timeMs` (Unix) is
 * for people; it decides nothing but which round of a beacon, still to come, draws judges.
 */
export function produceBlock(ledger: Ledger, timeMs: number): Decision<ProducedBlock> {
  const block = ledger.block + 1;
  ledger.network = { ...ledger.network, block };
  switchEmission(ledger);
  tellSwitch(ledger);
  const mintedNow = mint(ledger);
  if (!mintedNow.ok) return mintedNow;
  const { minted, fills } = mintedNow.value;
  followPools(ledger);
  const use = passUse(ledger);
  const entry = ledger.journal.write({
    block,
    kind: 'Block',
    payload: {
      block,
      timeMs,
      minted,
      ...(use.length === 0 ? {} : { use }),
      ...(fills.length === 0 ? {} : { pools: fills }),
    },
    event: { kind: 'block' },
  });
  ledger.network = { ...ledger.network, blockHash: entry.hash, rewards: ledger.network.rewards + minted };

  const expired = ledger.book.expireHolds(block);
  if (expired.length > 0) ledger.journal.write({ block, kind: 'HoldsExpired', payload: { holds: expired } });
  advanceGovernance(ledger);

  const passed = passStakeTime(ledger);
  if (!passed.ok) return passed;

  const sealed: SealedEpoch[] = [];
  for (const subnet of [...ledger.subnets.values()].toSorted((a, b) => a.netuid - b.netuid)) {
    const priced = takesPart(subnet) ? passIntervals(subnet, block) : subnet;
    if (priced !== subnet) ledger.putSubnet(priced);
    if (!isEpochDue(priced, block)) continue;
    const epoch = sealEpoch(ledger, priced, timeMs);
    if (!epoch.ok) return epoch;
    sealed.push(epoch.value);
  }
  // After the seals: who goes in this block is in its epochs and is paid by them.
  const places = advanceChallenges(ledger);
  if (!places.ok) return places;
  const ends = advanceDissolutions(ledger);
  if (!ends.ok) return ends;
  const { blockTimeMs } = ledger.network.genesis;
  return accept({ block, hash: entry.hash, minted, sealed, blockTimeMs });
}

/** A network that begins with equal parts tells when it goes over to its policy. */
function tellSwitch({ network: { genesis, block }, journal }: Ledger): void {
  const { emissionPolicy } = genesis;
  if (!('fromBlock' in emissionPolicy) || block !== emissionPolicy.fromBlock) return;
  journal.write({ block, kind: 'EmissionSwitched', payload: { block, from: 'Equal', to: emissionPolicy.name } });
}

interface Minted {
  /** Rao. */
  readonly minted: bigint;
  readonly fills: readonly PoolFill[];
}

function mint(ledger: Ledger): Decision<Minted> {
  const split = emissionSplit(ledger, ledger.block);
  const amounts = splitEmission(blockReward(ledger.network.genesis, ledger.issued), split);
  const filled = fillPools(
    ledger,
    split.parts.map(({ netuid }, index) => ({ netuid, amount: amounts[index] ?? 0n })),
  );
  if (!filled.ok) return filled;
  const { rest, minted, fills } = filled.value;
  const parts = rest.map(({ netuid, amount }) => ({ to: potOf(netuid), amount })).filter((part) => part.amount > 0n);
  if (parts.length === 0) return accept({ minted, fills });
  const paid = ledger.book.pay({ asset: ledger.asset, from: MINT, parts });
  return paid.ok ? accept({ minted: minted + paid.value, fills }) : paid;
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
  const neurons = ledger.neuronsOf(netuid).map((neuron) => sealedNeuron(ledger, neuron));
  const weightPpm = rootWeightPpm(ledger);
  const shares = { ownerCutU16: OWNER_CUT_U16, rootProportion: sealedProportion(neurons, weightPpm) };
  const { owner, miner, validator, root } = splitPot(pot, shares);
  const draft = {
    netuid,
    index: subnet.epochIndex + 1,
    block: ledger.block,
    pot,
    owner,
    miner,
    validator,
    ...(root === 0n ? {} : { root: { pot: root, weightPpm } }),
    ownerColdkey: subnet.owner,
    startBlock: subnet.startBlock,
    previousInputsSha256: subnet.lastInputsSha256,
    policyVersion: subnet.active.version,
    policySha256: subnet.active.sha256,
    neurons,
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
  applyChildren(ledger, subnet);
  return accept(sealed);
}

function sealedNeuron(ledger: Ledger, neuron: Neuron): SealedNeuron {
  const { uid, hotkey, coldkey, registeredAtBlock, registrationId, formerHotkeys } = neuron;
  return {
    uid,
    hotkey,
    coldkey,
    registeredAtBlock,
    registrationId,
    ...(formerHotkeys === undefined ? {} : { formerHotkeys }),
    ...sealedStake(ledger, neuron),
  };
}

function sealedStake(
  ledger: Ledger,
  neuron: Neuron,
): Pick<SealedNeuron, 'stake' | 'delegated' | 'pool' | 'takeU16' | 'inherits' | 'root'> {
  const { stake, delegated, takeU16 } = stakeView(ledger, neuron);
  const name = poolNameOf(ledger, neuron.netuid, neuron.hotkey);
  const pool = name === neuron.hotkey ? {} : { pool: name };
  const root = rootStakeBehind(ledger, neuron);
  const { stake: weight = stake + (root?.counts ?? 0n), ...lineage } = inheritanceOf(ledger, neuron) ?? {};
  const inherits =
    'held' in lineage ? { inherits: { ...lineage, takeU16: childTakeOf(ledger, neuron.netuid, neuron.hotkey) } } : {};
  return {
    stake: weight,
    ...(delegated === 0n ? {} : { delegated, takeU16, ...pool }),
    ...inherits,
    ...(root === undefined ? {} : { takeU16, root }),
  };
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
