import type { Governance } from '@subnetes/proto/gen/subnetes/ledger/v1/governance_pb';
import type { Calculators } from '@subnetes/proto/gen/subnetes/ledger/v1/calculators_pb';
import type { Pools } from '@subnetes/proto/gen/subnetes/ledger/v1/pools_pb';
import { type Slashing, SlashStatus, SlashType } from '@subnetes/proto/gen/subnetes/ledger/v1/slashing_pb';
import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';

import { away, neuronOf, RAO, samplesOf, type State, SUBNETS, validator } from './fake-sample.ts';

export const POOLS: Partial<RpcHandlers<typeof Pools>> = {
  listPools: async () => ({
    pools: [
      {
        netuid: 1,
        token: 'ALPHA1',
        priceRao: '250000000',
        movingPriceRao: '240000000',
        taoReserve: { asset: 'TAO', amount: (100n * RAO).toString() },
        alphaReserve: { asset: 'ALPHA1', amount: (400n * RAO).toString() },
      },
    ],
  }),
};

/** val-c is accused. */
export function slashingHandlers(state: State): Partial<RpcHandlers<typeof Slashing>> {
  const accused = neuronOf(1, validator('val-c', 2000n, 0.151, 0.071), 2).hotkey;
  const slash = {
    slashId: Buffer.alloc(32, 0x5a),
    type: SlashType.DEVIATION,
    status: SlashStatus.PENDING,
    netuid: 1,
    hotkey: accused,
    instance: '3-5',
    amountRao: (20n * RAO).toString(),
    disputeUntilBlock: 150n,
    dueBlock: 151n,
  };
  return {
    listSlashes: async ({ netuid, hotkey, openOnly }) => {
      const isAsked = netuid === slash.netuid && (hotkey === accused || (hotkey === '' && openOnly));
      return { slashes: isAsked ? [slash] : [], block: state.block };
    },
  };
}

/** A validator with a thousand tokens, half of them delegated, and 250 on root, that earned all dividends; four miners that earned a tenth each. */
export function calculatorHandlers(state: State): Partial<RpcHandlers<typeof Calculators>> {
  const tao = (whole: bigint): string => (whole * RAO).toString();
  const yields = { yieldLowQ64: `${2n ** 64n}`, yieldMeanQ64: `${2n ** 64n}`, yieldHighQ64: `${2n ** 64n}` };
  return {
    getOutlook: async ({ netuid }) => {
      away(state);
      if (netuid > SUBNETS.length)
        throw new RpcError({ code: RpcCode.NOT_FOUND, reason: 'SUBNET_UNKNOWN', message: 'there is none' });
      if (samplesOf(netuid).length === 0) return { projection: { blockTimeMs: 1000 }, tempo: 20, blocksToSeal: 20 };
      return {
        projection: { epochsSeen: 4, blockTimeMs: 1000, asset: 'TAO' },
        capRao: tao(21_000_000n),
        issuedRao: tao(10_111n),
        firstRewardRao: tao(1n),
        halves: true,
        rewardRao: tao(1n),
        partRao: (RAO / 2n).toString(), // prettier-ignore
        tempo: 20,
        blocksToSeal: 13,
        potRao: tao(3n),
        sealedPotRao: '0',
        ownerCutU16: 11_796, // prettier-ignore
        paidPotsRao: tao(32n),
        paidDividendsRao: tao(16n),
        paidIncentivesRao: tao(16n), // prettier-ignore
        validators: [
          {
            uid: 0,
            ownRao: tao(500n),
            delegatedRao: tao(500n),
            waitingRao: '0',
            takeU16: 11_796,
            rootOwnRao: '0',
            rootDelegatedRao: tao(250n),
            rootWaitingRao: '0',
            ...yields,
          },
        ],
        miners: 4,
        incentiveLowRao: tao(1n),
        incentiveMeanRao: tao(4n),
        incentiveHighRao: tao(6n), // prettier-ignore
        registrationCostRao: tao(1n),
        unpaidEpochs: 1, // prettier-ignore
        rootWeightPpm: 180_000,
        othersStakeRao: '0',
        othersRootRao: '0',
      };
    },
    projectStake: projectStakeOf(state),
  };
}

/** A tenth of what is added, in epochs of twenty blocks; of val-a alone. */
function projectStakeOf(state: State): RpcHandlers<typeof Calculators>['projectStake'] {
  return async ({ hotkey, addRao, blocks }) => {
    away(state);
    if (hotkey !== neuronOf(1, validator('val-a', 4500n, 0.4, 0.2), 0).hotkey) {
      throw new RpcError({ code: RpcCode.FAILED_PRECONDITION, reason: 'NOT_REGISTERED', message: 'there is none' });
    }
    const reward = (part: bigint) => ({
      rewardRao: ((BigInt(addRao) * part) / 100n).toString(),
      epochs: blocks / 20,
    });
    return { low: reward(9n), mean: reward(10n), high: reward(11n) };
  };
}

export function governanceHandlers(state: State): Partial<RpcHandlers<typeof Governance>> {
  const shown = { proposer: '5Author', startBlock: 100n, endBlock: 150n, stakedRao: '1000', quorumPpm: 100_000, thresholdPpm: 500_000 }; // prettier-ignore
  return {
    getGovernance: async () => ({ treasuryRao: (5n * RAO).toString(), block: state.block }),
    listProposals: async () => ({
      block: state.block,
      proposals: [
        { ...shown, id: 2n, title: 'Pay the auditors', state: 'Voting', yesRao: '250', noRao: '50', action: { action: { case: 'spend', value: {} } } }, // prettier-ignore
        { ...shown, id: 1n, title: 'Raise kappa', state: 'Failed', doneBlock: 99n, reason: 'POLICY_INVALID: too high', simulation: { summary: 'uid 3 gains most' } }, // prettier-ignore
      ],
    }),
  };
}
