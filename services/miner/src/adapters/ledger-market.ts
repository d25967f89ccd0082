import type { MarketView } from '@subnetes/neuron/market-view';
import type { Market } from '#application/ports.ts';

/** Name of a mechanism's model where the subnet's policy sells none: `mechanism-0`. */
const UNSOLD = /^mechanism-([0-9]{1,2})$/;

/** The ledger's view of the subnet as the miner asks it. */
export function ledgerMarket(view: MarketView): Market {
  return {
    block: () => view.state()?.block,
    asker(registrationId) {
      const neuron = view.state()?.neurons.get(registrationId);
      if (neuron === undefined) return undefined;
      const hasStake = BigInt(neuron.stake?.amount ?? '0') > 0n;
      return neuron.validatorPermit || hasStake ? { hotkey: neuron.hotkey } : undefined;
    },
    mechanismOf(modelName) {
      const subnet = view.state()?.subnet;
      const models = subnet?.active?.policy?.serving?.models ?? subnet?.pending?.policy?.serving?.models ?? [];
      const sold = models.find(({ name }) => name === modelName || `${subnet?.handle}.${name}` === modelName);
      if (sold !== undefined) return sold.mechanismId;
      const unsold = UNSOLD.exec(modelName)?.[1];
      return unsold === undefined ? undefined : Number(unsold);
    },
  };
}
