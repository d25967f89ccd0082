import type { DashboardSpec } from '../dashboard.ts';
import { answerDuration, answersByMiner, answersByOutcome } from '../panels/neuron-panels.ts';
import { functionFuel, functionOutcomes } from '../panels/function-panels.ts';
import { poolPrice, poolReserves, poolVolume } from '../panels/pool-panels.ts';
import { evidence, slashed, slashes, unbonding } from '../panels/slashing-panels.ts';
import { dissolution, evictions } from '../panels/life-panels.ts';
import { registrationCost, staked } from '../panels/stake-panels.ts';
import { abstentions, captureIndex, validatorInfluence } from '../panels/influence-panels.ts';
import {
  epochDuration,
  epochOverdue,
  epochProgress,
  epochUnwitnessed,
  healthScore,
  minersAnswering,
  neurons,
  paidEpoch,
  topShare,
  validatorsReporting,
  validatorTrust,
  weightsAge,
} from '../panels/subnet-panels.ts';

/** What is wrong with a subnet, and on which side. */
export const subnetHealth: DashboardSpec = {
  uid: 'subnetes-subnet-health',
  title: 'Subnet health',
  description:
    'The health of the chosen subnets: a score, its parts with their definition, and what stands behind them.',
  rows: [
    {
      title: 'Is it all right?',
      panels: [healthScore, validatorsReporting, minersAnswering, epochOverdue, paidEpoch, neurons],
    },
    {
      title: 'Epochs and weights',
      panels: [epochProgress, weightsAge, epochUnwitnessed].map((panel) => ({ ...panel, width: 8 })),
    },
    {
      title: 'Questions and answers',
      panels: [answersByOutcome, answerDuration, answersByMiner].map((panel) => ({ ...panel, width: 8 })),
    },
    { title: 'Consensus', panels: [validatorTrust, topShare, epochDuration].map((panel) => ({ ...panel, width: 8 })) },
    {
      title: 'Stake and registrations',
      panels: [staked, registrationCost].map((panel) => ({ ...panel, width: 12 })),
    },
    { title: 'Token', panels: [poolPrice, poolReserves, poolVolume].map((panel) => ({ ...panel, width: 8 })) },
    {
      title: 'Stake that leaves and slashes',
      panels: [unbonding, evidence, slashes, slashed].map((panel) => ({ ...panel, width: 12 })),
    },
    {
      title: 'Who leaves, and what ends',
      panels: [evictions, dissolution].map((panel) => ({ ...panel, width: 12 })),
    },
    {
      title: 'Whose votes decide',
      panels: [validatorInfluence, captureIndex, abstentions].map((panel) => ({ ...panel, width: 8 })),
    },
    {
      title: "The owner's own division",
      panels: [functionOutcomes, functionFuel].map((panel) => ({ ...panel, width: 12 })),
    },
  ],
};
