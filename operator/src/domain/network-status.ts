import { tokenTextFromRao } from '@subnetes/money/amount';
import { durationText } from './duration.ts';
import type { NetworkView } from './market.ts';

/** The status of the Network object. */
export function networkStatus(network: NetworkView): Record<string, unknown> {
  return {
    networkId: network.networkId,
    token: { symbol: network.displaySymbol, decimals: network.decimals, cap: tokenTextFromRao(network.capRao) },
    issued: { asset: network.symbol, amount: network.issuedRao.toString() },
    blockTime: durationText(network.blockTimeMs),
    emissionPolicy: network.emissionPolicy,
  };
}
