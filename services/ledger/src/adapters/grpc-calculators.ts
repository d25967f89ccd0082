import type { MessageInitShape } from '@bufbuild/protobuf';
import { mapInterval } from '@subnetes/consensus/projection/emission-path';
import type { Payback } from '@subnetes/consensus/projection/registration-projection';
import type { StakeReward } from '@subnetes/consensus/projection/stake-projection';
import type { CallContext, RpcHandlers } from '@subnetes/proto/grpc-handlers';
import type {
  Calculators,
  PaybackSchema,
  ProjectionSchema,
  StakeRewardSchema,
  ValidatorOutlookSchema,
} from '@subnetes/proto/gen/subnetes/ledger/v1/calculators_pb';
import type { Sequencer } from '#application/sequencer.ts';
import type { SignatureLane } from '#application/signature-lane.ts';
import type { Decision } from '#domain/book/refusal.ts';
import {
  type EmissionProjection,
  outlookOfSubnet,
  type Projected,
  type SubnetOutlook,
  projectRegistration,
  projectSubnet,
} from '#domain/calculators/calculators.ts';
import { projectStakeAt } from '#domain/calculators/root-outlook.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { callerOf } from './caller.ts';
import { accountField, netuidField, raoField } from './grpc-fields.ts';
import { answered, type CountRefusal, valueOf } from './grpc-refusals.ts';

export interface CalculatorPorts {
  readonly sequencer: Sequencer;
  /** Years of many subnets take tenths of a second of the one thread, and everybody may ask. */
  readonly quotes: SignatureLane;
  readonly countRefusal: CountRefusal;
}

/** What a projection is made from, in terms of the wire: symbol and seconds of blocks. */
type Terms = Pick<MessageInitShape<typeof ProjectionSchema>, 'asset' | 'blockTimeMs'>;

/** The whole service `subnetes.ledger.v1.Calculators`: reads, open to everybody. */
export function calculatorHandlers(ports: CalculatorPorts): RpcHandlers<typeof Calculators> {
  const { sequencer, quotes, countRefusal } = ports;
  const project = <T extends Projected>(call: CallContext, query: (ledger: Ledger) => Decision<T>) => {
    const answer = (ledger: Ledger) => {
      const decision = query(ledger);
      if (!decision.ok) return decision;
      const terms: Terms = { asset: ledger.asset, blockTimeMs: ledger.network.genesis.blockTimeMs };
      return { ...decision, value: { ...decision.value, projection: projectionToWire(decision.value, terms) } };
    };
    const turn = quotes.hold(callerOf(call), (timed) => sequencer.read((ledger) => timed(() => answer(ledger))));
    return valueOf(turn, countRefusal);
  };
  return {
    projectStake: async (request, call) => {
      const { netuid, hotkey, coldkey, addRao, blocks, restake } = request;
      const asked = {
        netuid: netuidField(netuid),
        hotkey: accountField('hotkey', hotkey),
        wallet: coldkey === '' ? undefined : accountField('coldkey', coldkey),
        add: raoField('add_rao', addRao),
        blocks,
        restake,
      };
      const { projection, as, stakeBefore, outcome } = await project(call, (ledger) => projectStakeAt(ledger, asked));
      const outcomes = mapInterval(outcome, rewardToWire);
      return { projection, owns: as === 'owner', stakeRao: stakeBefore.toString(), ...outcomes };
    },
    projectRegistration: async ({ netuid, blocks }, call) => {
      const asked = { netuid: netuidField(netuid), blocks };
      const { projection, cost, costAtSeal, miners, outcome } = await project(call, (ledger) =>
        projectRegistration(ledger, asked),
      );
      const outcomes = mapInterval(outcome, paybackToWire);
      return { projection, costRao: cost.toString(), costAtSealRao: costAtSeal.toString(), miners, ...outcomes };
    },
    projectEmission: async ({ netuid, blocks, points: wanted }, call) => {
      const asked = { netuid: netuidField(netuid), blocks, points: wanted === 0 ? 1 : wanted };
      const { projection, points } = await project(call, (ledger) => projectSubnet(ledger, asked));
      return { projection, points: points.map(pointToWire) };
    },
    getOutlook: async ({ netuid }, call) => {
      const wanted = netuidField(netuid);
      const outlook = await project(call, (ledger) => outlookOfSubnet(ledger, wanted));
      const { cap, blockReward, halving } = await answered(sequencer.read((ledger) => ledger.network.genesis));
      return {
        ...outlookToWire(outlook),
        projection: outlook.projection,
        capRao: cap.toString(),
        firstRewardRao: blockReward.toString(),
        halves: halving === 'ByIssuance',
      };
    },
  };
}

function pointToWire({ blocks, low, mean, high }: EmissionProjection['points'][number]) {
  return { blocks, lowRao: low.toString(), meanRao: mean.toString(), highRao: high.toString() };
}

function outlookToWire(outlook: SubnetOutlook) {
  const { paid, incentives } = outlook;
  return {
    issuedRao: outlook.issued.toString(),
    rewardRao: outlook.reward.toString(),
    partRao: outlook.part.toString(),
    tempo: outlook.tempo,
    blocksToSeal: outlook.blocksToSeal,
    potRao: outlook.pot.toString(),
    sealedPotRao: outlook.sealedPot.toString(),
    ownerCutU16: outlook.ownerCutU16,
    paidPotsRao: paid.pots.toString(),
    paidDividendsRao: paid.dividends.toString(),
    paidIncentivesRao: paid.incentives.toString(),
    validators: outlook.validators.map(validatorToWire),
    miners: outlook.miners,
    rootWeightPpm: outlook.rootWeightPpm ?? 0,
    othersStakeRao: (outlook.others?.stake ?? 0n).toString(),
    othersRootRao: (outlook.others?.root ?? 0n).toString(),
    othersStakesQ64: (outlook.others?.stakesQ64 ?? 0n).toString(),
    incentiveLowRao: incentives.low.toString(),
    incentiveMeanRao: incentives.mean.toString(),
    incentiveHighRao: incentives.high.toString(),
    registrationCostRao: outlook.cost.toString(),
    unpaidEpochs: outlook.unpaidEpochs,
  };
}

function validatorToWire({
  uid,
  outlook: { own, delegated, waiting, takeU16, root, lineage, stakes },
  yields,
}: SubnetOutlook['validators'][number]): MessageInitShape<typeof ValidatorOutlookSchema> {
  return {
    uid,
    ownRao: own.toString(),
    delegatedRao: delegated.toString(),
    waitingRao: waiting.toString(),
    takeU16,
    yieldLowQ64: yields.low.toString(),
    yieldMeanQ64: yields.mean.toString(),
    yieldHighQ64: yields.high.toString(),
    rootOwnRao: (root?.own ?? 0n).toString(),
    rootDelegatedRao: (root?.delegated ?? 0n).toString(),
    rootWaitingRao: (root?.waiting ?? 0n).toString(),
    rootIncomeQ64: (root?.incomeQ64 ?? 0n).toString(),
    ...(lineage === undefined ? {} : { keepsQ32: lineage.keepsQ32.toString() }),
    parents: (lineage?.parents ?? []).map((parent) => ({ ...parent, givesQ32: parent.givesQ32.toString() })),
    ...(stakes === undefined ? {} : { stakedIncentivesQ64: stakes.incentivesQ64.toString() }),
  };
}

function projectionToWire(
  { block, blocks, basis, method, epochsSeen }: Projected,
  terms: Terms,
): MessageInitShape<typeof ProjectionSchema> {
  return { block: BigInt(block), blocks, basis, method, epochsSeen, ...terms };
}

function rewardToWire({ reward, take, stake, epochs }: StakeReward): MessageInitShape<typeof StakeRewardSchema> {
  return { rewardRao: reward.toString(), takeRao: take.toString(), stakeRao: stake.toString(), epochs };
}

function paybackToWire({ firstEpoch, earned, blocks }: Payback): MessageInitShape<typeof PaybackSchema> {
  return {
    firstEpochRao: firstEpoch.toString(),
    earnedRao: earned.toString(),
    ...(blocks === undefined ? {} : { blocks }),
  };
}
