import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type ListUnbondingResponseSchema,
  type SlashingTermsSchema,
  type SlashSchema,
  SlashStatus,
  SlashType,
} from '@subnetes/proto/gen/subnetes/ledger/v1/slashing_pb';
import type { Ledger } from '#domain/economy/ledger.ts';
import { poolHolderOf } from '#domain/keys/pool-name.ts';
import { upheldBy } from '#domain/slashing/decide.ts';
import type { Slash, SlashStatus as Status } from '#domain/slashing/slash.ts';
import type { SlashType as Type } from '#domain/slashing/slashing-terms.ts';
import { autoStakesOf } from '#domain/unbonding/auto-stake.ts';
import { unbondingBlocks } from '#domain/unbonding/leave-stake.ts';
import { bytesOfHex, moneyToWire } from './wire.ts';

const TYPES: Readonly<Record<Type, SlashType>> = {
  DoubleSigning: SlashType.DOUBLE_SIGNING,
  FailedAudits: SlashType.FAILED_AUDITS,
  Deviation: SlashType.DEVIATION,
  Unavailable: SlashType.UNAVAILABLE,
};

const STATUSES: Readonly<Record<Status, SlashStatus>> = {
  Pending: SlashStatus.PENDING,
  Disputed: SlashStatus.DISPUTED,
  Executed: SlashStatus.EXECUTED,
  Dropped: SlashStatus.DROPPED,
};

/** Undefined for what no condition is of. */
export function slashTypeFromWire(wire: SlashType): Type | undefined {
  return (Object.keys(TYPES) as Type[]).find((type) => TYPES[type] === wire);
}

export function slashToWire(slash: Slash): MessageInitShape<typeof SlashSchema> {
  return {
    slashId: bytesOfHex(slash.id),
    type: TYPES[slash.type],
    status: STATUSES[slash.status],
    netuid: slash.netuid,
    hotkey: slash.hotkey,
    registrationId: bytesOfHex(slash.registrationId),
    owner: slash.owner,
    offenceBlock: BigInt(slash.offenceBlock),
    reportedAtBlock: BigInt(slash.reportedAtBlock),
    disputeUntilBlock: BigInt(slash.disputeUntilBlock),
    dueBlock: BigInt(slash.dueBlock),
    ppm: slash.ppm,
    baseRao: slash.base.toString(),
    amountRao: slash.amount.toString(),
    takenRao: slash.taken.toString(),
    reporter: slash.reporter ?? '',
    depositRao: slash.deposit.toString(),
    evidenceSha256: bytesOfHex(slash.evidenceSha256),
    instance: slash.instance,
    measured: BigInt(slash.measured),
    statement: slash.statement,
    voters: slash.voters.map(({ voter, weight, upholds }) => ({
      voter,
      weight: weight.toString(),
      ...(upholds === null ? {} : { upholds }),
    })),
    needed: slash.needed.toString(),
    upheldBy: upheldBy(slash).toString(),
  };
}

export function slashingTermsToWire(ledger: Ledger): MessageInitShape<typeof SlashingTermsSchema> {
  const terms = ledger.network.genesis.slashing;
  const shared = { unbondingBlocks: BigInt(unbondingBlocks(ledger)), enabled: terms !== undefined };
  if (terms === undefined) return shared;
  const { deciders } = terms;
  return {
    ...shared,
    conditions: terms.conditions.map(({ type, ppm, max, epochs = 0, atLeast = 0 }) => ({
      type: TYPES[type],
      ppm,
      maxRao: max?.toString() ?? '',
      epochs,
      atLeast: BigInt(atLeast),
    })),
    disputeBlocks: BigInt(terms.disputeBlocks),
    decisionBlocks: BigInt(terms.decisionBlocks),
    windowBlocks: BigInt(terms.windowBlocks),
    windowPpm: terms.windowPpm,
    reportDepositRao: terms.reportDeposit.toString(),
    ...(deciders.type === 'Arbiters' ? { arbiters: [...deciders.keys], arbitersRequired: deciders.required } : {}),
    ...terms.distribution,
  };
}

/** What of a wallet is under way. */
export function unbondingToWire(ledger: Ledger, wallet: string): MessageInitShape<typeof ListUnbondingResponseSchema> {
  const { asset } = ledger;
  return {
    unbonding: ledger.unbondings.find(`wallet/${wallet}`).map((row) => ({
      unbondingId: BigInt(row.id),
      netuid: row.netuid,
      hotkey: poolHolderOf(ledger, row.netuid, row.hotkey),
      amount: moneyToWire(asset, row.amount),
      startedAtBlock: BigInt(row.startedAtBlock),
      releaseBlock: BigInt(row.releaseBlock),
      own: row.registrationId !== '',
    })),
    moved: ledger.movedBonds.find(`wallet/${wallet}`).map((row) => ({
      netuid: row.netuid,
      hotkey: poolHolderOf(ledger, row.netuid, row.hotkey),
      toNetuid: row.to.netuid,
      toHotkey: poolHolderOf(ledger, row.to.netuid, row.to.hotkey),
      amount: moneyToWire(asset, row.amount),
      endBlock: BigInt(row.endBlock),
    })),
    auto: [...autoStakesOf(ledger, wallet)],
    block: BigInt(ledger.block),
  };
}
