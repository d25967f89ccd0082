import { isSellable, type PriceLine } from './quote.ts';
import { refuse, type Refusal } from './refusal.ts';

/** A miner with the endpoint that it announced. */
export interface MarketMiner {
  /** Registration id, hex: the key of everything about it. */
  readonly id: string;
  readonly netuid: number;
  readonly uid: number;
  readonly hotkey: string;
  readonly urls: readonly string[];
  /** Of the certificate that it serves, hex. */
  readonly spkiSha256: string;
  /** Block after which the announcement no longer holds. */
  readonly expiresAtBlock: bigint;
}

/** A subnet's serving terms, from its policy in force. */
export interface MarketSubnet {
  readonly netuid: number;
  readonly handle: string;
  readonly models: readonly { readonly name: string; readonly versions: readonly string[] }[];
  readonly firstByteMs: number;
  readonly totalMs: number;
  /** Whether the policy promises that an invalid answer costs nothing. */
  readonly refundsInvalid: boolean;
}

export interface MarketPrices {
  readonly policyVersion: bigint;
  /** By public model name. */
  readonly lines: ReadonlyMap<string, readonly PriceLine[]>;
}

/** What a request for a model needs to know. */
export interface Offer {
  readonly ok: true;
  readonly model: string;
  readonly subnet: MarketSubnet;
  readonly policyVersion: bigint;
  readonly lines: readonly PriceLine[];
}

/** The market as the gateway last heard of it; each source replaces its own part. */
export class Market {
  readonly #subnets = new Map<number, MarketSubnet>();
  readonly #miners = new Map<number, Map<number, MarketMiner>>();
  readonly #prices = new Map<number, MarketPrices>();
  readonly #incentives = new Map<number, ReadonlyMap<string, number>>();
  #block = 0n;

  get block(): bigint {
    return this.#block;
  }

  seeBlock(block: bigint): void {
    if (block > this.#block) this.#block = block;
  }

  setSubnet(subnet: MarketSubnet): void {
    this.#subnets.set(subnet.netuid, subnet);
  }

  /** Replaces all miners of a subnet, at the first message of a watch. */
  setMiners(netuid: number, miners: readonly MarketMiner[]): void {
    this.#miners.set(netuid, new Map(miners.map((miner) => [miner.uid, miner])));
  }

  /** One neuron changed: `miner` is absent when it has no endpoint. */
  setMiner(netuid: number, uid: number, miner: MarketMiner | undefined): void {
    const known = this.#miners.get(netuid) ?? new Map<number, MarketMiner>();
    if (miner === undefined) known.delete(uid);
    else known.set(uid, miner);
    this.#miners.set(netuid, known);
  }

  setPrices(netuid: number, prices: MarketPrices): void {
    this.#prices.set(netuid, prices);
  }

  /** Shares of one by registration id, of the last epoch. */
  setIncentives(netuid: number, incentives: ReadonlyMap<string, number>): void {
    this.#incentives.set(netuid, incentives);
  }

  subnets(): readonly MarketSubnet[] {
    return [...this.#subnets.values()];
  }

  /** Miners whose announcement holds. */
  miners(netuid: number): readonly MarketMiner[] {
    const known = [...(this.#miners.get(netuid)?.values() ?? [])];
    return known.filter((miner) => miner.expiresAtBlock >= this.#block);
  }

  incentive(miner: MarketMiner): number {
    return this.#incentives.get(miner.netuid)?.get(miner.id) ?? 0;
  }

  /** Public names of all models, in order. */
  modelNames(): readonly string[] {
    return this.subnets()
      .flatMap((subnet) => subnet.models.map(({ name }) => `${subnet.handle}.${name}`))
      .toSorted();
  }

  /** Finds what `<handle>.<model>` stands for and what it costs. */
  find(model: string, version: string | undefined): Offer | Refusal {
    const subnet = this.subnets().find(({ handle }) => model.startsWith(`${handle}.`));
    const served = subnet?.models.find(({ name }) => model === `${subnet.handle}.${name}`);
    if (subnet === undefined || served === undefined) {
      return refuse('model_not_found', `no subnet serves a model '${model.slice(0, 128)}'`, { param: 'model' });
    }
    if (version !== undefined && !served.versions.includes(version)) {
      const message = `model '${model}' has no version '${version.slice(0, 64)}'`;
      return refuse('model_not_found', message, { param: 'version' });
    }
    const prices = this.#prices.get(subnet.netuid);
    const lines = prices?.lines.get(model) ?? [];
    if (prices === undefined || !isSellable(lines)) {
      return refuse('not_for_sale', `model '${model}' has no price by request, result or second`, { param: 'model' });
    }
    return { ok: true, model, subnet, policyVersion: prices.policyVersion, lines };
  }
}
