import { columnText, perDayRao } from '../format.ts';
import type { NetworkView, PaidEpoch, SubnetView } from '../market.ts';
import { healthParts, healthScore, isJudged } from './judgements.ts';

/** Everything of a Subnet's status but conditions and generation; numbers change with a paid epoch alone. */
export function subnetStatus(market: SubnetView, network: NetworkView): Record<string, unknown> {
  const { paid, policy } = market;
  return {
    netuid: market.netuid,
    registrationId: market.registrationId,
    policy: { active: policy.active, pending: policy.pending },
    ...(paid === undefined ? {} : paidStatus(market, paid, network)),
    neurons: neuronCounts(market),
    registrationCost: { asset: network.symbol, amount: market.registrationCostRao.toString() },
  };
}

function paidStatus(market: SubnetView, paid: PaidEpoch, network: NetworkView): Record<string, unknown> {
  const perDay = perDayRao(paid.emissionRao, market.tempo, network.blockTimeMs);
  const parts = healthParts(paid);
  return {
    epoch: {
      index: paid.index,
      block: paid.block,
      nextBlock: paid.nextBlock,
      lastPaid: paid.index,
      inputsSha256: paid.inputsSha256,
    },
    emission: {
      lastEpoch: { asset: network.symbol, amount: paid.emissionRao.toString() },
      perDay: { asset: network.symbol, amount: perDay.toString() },
      perDayText: columnText(perDay, network.displaySymbol),
    },
    ...(isJudged(paid)
      ? { health: { score: healthScore(parts), parts: parts.map(({ name, score }) => ({ name, score })) } }
      : {}),
  };
}

function neuronCounts(market: SubnetView): Record<string, unknown> {
  const registered = market.neurons.size;
  const permits = [...market.neurons.values()].filter(
    (neuron) => market.paid?.neurons.get(neuron.registrationId)?.permit === true,
  ).length;
  return {
    registered,
    miners: registered - permits,
    validators: permits,
    capacity: market.maxUids,
    summary: `${registered}/${market.maxUids}`,
  };
}
