import type { Bus } from '@subnetes/bus/bus';
import type { Market } from '../domain/market.ts';
import type { KeyTable } from './api-keys.ts';
import { followMetagraphs, followPrices } from './market-watch.ts';
import type { DurableUsageSpool } from './usage-spool.ts';

export interface BusLinkDeps {
  readonly open: () => Promise<Bus>;
  readonly market: Market;
  readonly keys: KeyTable;
  readonly spool: DurableUsageSpool;
  readonly failed: (error: unknown) => void;
  readonly sleep: (ms: number) => Promise<void>;
}

const RETRY_MS = 500;

/** All that the gateway has with the bus; the process starts, serves and spools without it. */
export class BusLink implements AsyncDisposable {
  readonly #deps: BusLinkDeps;
  #bus: Bus | undefined;

  constructor(deps: BusLinkDeps) {
    this.#deps = deps;
  }

  /** Wakes what waits for usage, so that it sees the signal. */
  nudge(): void {
    this.#deps.spool.nudge();
  }

  /** Runs until the signal ends it. */
  async run(signal: AbortSignal): Promise<void> {
    const { market, keys, spool, sleep } = this.#deps;
    const bus = await this.#connect(signal);
    if (bus === undefined) return;
    await Promise.all([
      spool.publishTo(bus, signal, sleep),
      this.#always(signal, async () => keys.follow(await bus.bucket('api-keys'), signal)),
      this.#always(signal, async () => followPrices(await bus.bucket('prices'), market, signal)),
      this.#always(signal, async () => followMetagraphs(await bus.bucket('metagraph'), market, signal)),
    ]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bus?.[Symbol.asyncDispose]();
  }

  async #connect(signal: AbortSignal): Promise<Bus | undefined> {
    while (!signal.aborted) {
      try {
        this.#bus = await this.#deps.open();
        return this.#bus;
      } catch (error) {
        this.#deps.failed(error);
        await this.#deps.sleep(RETRY_MS);
      }
    }
    return undefined;
  }

  /** A watch that breaks is begun anew; it starts with everything that is there. */
  async #always(signal: AbortSignal, follow: () => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      try {
        await follow();
      } catch (error) {
        if (!signal.aborted) this.#deps.failed(error);
      }
      await this.#deps.sleep(RETRY_MS);
    }
  }
}
