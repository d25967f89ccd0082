import { columnText, perDayRao, shareText } from '../format.ts';
import type { NetworkView, NeuronView, SubnetView } from '../market.ts';
import { whyLines } from './earning.ts';
import type { PodsFact } from './facts.ts';
import type { Neuron } from './neuron.ts';

export interface NeuronStatusInput {
  readonly neuron: Neuron;
  readonly network: NetworkView;
  readonly market: SubnetView | undefined;
  /** The registration, once there is one. */
  readonly registration: NeuronView | undefined;
  readonly hotkey: string | undefined;
  readonly pods: PodsFact;
  readonly selector: string;
}

/** Everything of a status but conditions and generation. What is not known is left out, or kept from before. */
export function neuronStatus(input: NeuronStatusInput): Record<string, unknown> {
  const { neuron, registration, hotkey } = input;
  const common = {
    hotkey,
    registrationId: registration?.registrationId ?? neuron.status.registrationId,
    uid: registration?.uid,
  };
  const own = neuron.kind === 'Miner' ? minerStatus(input) : validatorStatus(input);
  return Object.fromEntries(Object.entries({ ...common, ...own }).filter(([, value]) => value !== undefined));
}

function minerStatus(input: NeuronStatusInput): Record<string, unknown> {
  const { market, network, registration, pods, selector } = input;
  const own = registration === undefined ? undefined : market?.paid?.neurons.get(registration.registrationId);
  return {
    endpoint: registration?.endpoint,
    replicas: pods.existing,
    selector,
    ...earned(input, own?.earnedRao),
    incentive: own === undefined ? undefined : shareText(own.incentiveU16),
    why: own === undefined ? undefined : whyLines(own, market?.paid, network.displaySymbol),
  };
}

function validatorStatus(input: NeuronStatusInput): Record<string, unknown> {
  const { market, network, registration } = input;
  const own = registration === undefined ? undefined : market?.paid?.neurons.get(registration.registrationId);
  // From the sealed epoch where there is one, so that the status changes with an epoch and not between two.
  const stakeRao = own?.stakeRao ?? registration?.stakeRao;
  return {
    permit: own?.permit,
    ...(stakeRao === undefined
      ? {}
      : {
          stake: { asset: network.symbol, amount: stakeRao.toString() },
          stakeText: columnText(stakeRao, network.displaySymbol),
        }),
    ...(own === undefined
      ? {}
      : {
          validatorTrust: shareText(own.validatorTrustU16),
          dividends: shareText(own.dividendsU16),
          lastEpoch: lastEpoch(input, own.earnedRao),
          weights: {
            state: own.weights,
            block: own.lastUpdateBlock,
            ...(own.weightsReason === undefined ? {} : { reason: own.weightsReason }),
          },
        }),
  };
}

function lastEpoch(input: NeuronStatusInput, earnedRao: bigint): Record<string, unknown> {
  return {
    index: input.market?.paid?.index,
    earned: { asset: input.network.symbol, amount: earnedRao.toString() },
  };
}

function earned(input: NeuronStatusInput, earnedRao: bigint | undefined): Record<string, unknown> {
  const { market, network } = input;
  if (earnedRao === undefined || market === undefined) return {};
  const perDay = perDayRao(earnedRao, market.tempo, network.blockTimeMs);
  return {
    lastEpoch: lastEpoch(input, earnedRao),
    earnedPerDay: { asset: network.symbol, amount: perDay.toString() },
    earnedPerDayText: columnText(perDay, network.displaySymbol),
  };
}
