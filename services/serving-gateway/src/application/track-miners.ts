import { afterFailure, afterSuccess, UNTRIED, type MinerHealth } from '../domain/health.ts';
import type { Market, MarketMiner } from '../domain/market.ts';
import type { Candidate } from '../domain/route.ts';
import type { Upstream } from './ports.ts';

/** What this gateway has seen of each miner, by registration: a uid that is used again inherits nothing. */
export class MinerTrack {
  readonly #health = new Map<string, MinerHealth>();
  readonly #inFlight = new Map<string, number>();

  health(id: string): MinerHealth {
    return this.#health.get(id) ?? UNTRIED;
  }

  begin(id: string): void {
    this.#inFlight.set(id, (this.#inFlight.get(id) ?? 0) + 1);
  }

  end(id: string): void {
    const left = (this.#inFlight.get(id) ?? 1) - 1;
    if (left === 0) this.#inFlight.delete(id);
    else this.#inFlight.set(id, left);
  }

  succeeded(id: string, latencyMs: number): void {
    this.#health.set(id, afterSuccess(this.health(id), latencyMs));
  }

  failed(id: string, nowMs: number): void {
    this.#health.set(id, afterFailure(this.health(id), nowMs));
  }

  /** Forgets miners that are no longer registered. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.#health.keys()) if (!ids.has(id)) this.#health.delete(id);
  }

  candidate(
    miner: MarketMiner,
    known: { readonly market: Market; readonly upstream: Upstream; readonly model: string },
  ): Candidate {
    return {
      id: miner.id,
      incentive: known.market.incentive(miner),
      health: this.health(miner.id),
      inFlight: this.#inFlight.get(miner.id) ?? 0,
      isReady: known.upstream.isReady(miner, known.model),
    };
  }
}
