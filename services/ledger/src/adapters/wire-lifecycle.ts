import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  CreationCostSchema,
  EvictionPlaceSchema,
  PendingEvictionSchema,
} from '@subnetes/proto/gen/subnetes/ledger/v1/lifecycle_pb';
import type { DissolutionSchema, EvictionNoticeSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import type { EvictionNotice } from '#domain/economy/neuron.ts';
import type { CreationView } from '#domain/life/creation-view.ts';
import type { OrderPlace } from '#domain/life/eviction-order.ts';
import type { PendingView } from '#domain/life/pending-view.ts';
import type { Dissolution } from '#domain/life/subnet-life.ts';
import type { Told } from './told.ts';

export function noticeToWire(notice: Told<EvictionNotice>): MessageInitShape<typeof EvictionNoticeSchema> {
  return {
    announcedAtBlock: BigInt(notice.announcedAtBlock),
    dueBlock: BigInt(notice.dueBlock),
    priceRao: `${notice.price}`,
    newcomerHotkey: notice.newcomer,
  };
}

export function dissolutionToWire(dissolution: Told<Dissolution>): MessageInitShape<typeof DissolutionSchema> {
  const { phase, announcedAtBlock, atBlock, endedAtBlock = 0, newcomer } = dissolution;
  return {
    phase,
    announcedAtBlock: BigInt(announcedAtBlock),
    atBlock: BigInt(atBlock),
    endedAtBlock: BigInt(endedAtBlock),
    newcomerNetuid: newcomer?.netuid ?? 0,
    newcomerLockRao: `${newcomer?.price ?? ''}`,
  };
}

export function placeToWire(place: OrderPlace): MessageInitShape<typeof EvictionPlaceSchema> {
  const { neuron, standing, decidedBy, immuneUntilBlock } = place;
  return {
    place: place.place,
    uid: neuron.uid,
    hotkey: neuron.hotkey,
    standing,
    decidedBy: decidedBy ?? '',
    earnedLastEpochRao: neuron.earnedLastEpoch.toString(),
    registeredAtBlock: BigInt(neuron.registeredAtBlock),
    immuneUntilBlock: BigInt(immuneUntilBlock),
    ...(neuron.notice === undefined ? {} : { notice: noticeToWire(neuron.notice) }),
  };
}

export function pendingToWire(pending: PendingView): MessageInitShape<typeof PendingEvictionSchema> {
  return {
    netuid: pending.netuid,
    uid: pending.uid,
    hotkey: pending.hotkey,
    newcomerHotkey: pending.newcomerHotkey,
    newcomerColdkey: pending.newcomerColdkey,
    priceRao: pending.price.toString(),
    openedAtBlock: BigInt(pending.openedAtBlock),
    announcedAtBlock: BigInt(pending.announcedAtBlock),
    dueBlock: BigInt(pending.dueBlock),
    matches: pending.matches,
    rises: pending.rises,
  };
}

export function creationToWire(creation: CreationView): MessageInitShape<typeof CreationCostSchema> {
  const { cost, min, last, fromBlock, subnets, limit, waiting, lowestNetuid, block } = creation;
  return {
    costRao: cost.toString(),
    minRao: min.toString(),
    lastRao: last?.rao.toString() ?? '',
    lastBlock: BigInt(last?.block ?? 0),
    fromBlock: BigInt(fromBlock),
    subnets,
    limit,
    waiting,
    lowestNetuid,
    block: BigInt(block),
  };
}
