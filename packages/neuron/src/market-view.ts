import { bytesToHex } from '@noble/hashes/utils.js';
import type { SubnetUpdate } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { Neuron, SubnetState } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { aborted, type Clock } from '@subnetes/runtime/clock';
import { fromUnknown } from '@subnetes/runtime/errors';
import type { Logger } from '@subnetes/telemetry/logger';

/** What a neuron knows of its subnet; registration ids are hexadecimal. */
export type MarketState = {
  readonly block: bigint;
  readonly subnet: SubnetState;
  readonly neurons: ReadonlyMap<string, Neuron>;
  /** Of the network; what a ledger of before it was told is held to the chain's. */
  readonly blockTimeMs: number;
};

/** A subnet as the ledger streams it to neurons. */
export type MarketView = {
  /** Undefined until the first snapshot has come. */
  readonly state: () => MarketState | undefined;
  /** Resolves with the first state whose block is above `block`. Blocks in between may be left out. */
  readonly blockAfter: (block: bigint, signal: AbortSignal) => Promise<MarketState>;
} & AsyncDisposable;

export type MarketViewOptions = {
  /** `ledger.WatchSubnet` of the neuron's subnet. */
  readonly watch: (signal: AbortSignal) => AsyncIterable<SubnetUpdate>;
  readonly networkId: Uint8Array;
  readonly clock: Clock;
  readonly log: Logger;
};

const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 5000;
/** A stream without a message for so long is dead, whatever the socket says: blocks come more often. */
const SILENCE_MS_MAX = 60_000;
const BLOCK_TIME_MS_DEFAULT = 12_000;

/** Follows a subnet until it is disposed; a stream that breaks is opened again and begins with a snapshot. */
export function watchMarket(options: MarketViewOptions): MarketView {
  const stop = new AbortController();
  let state: MarketState | undefined;
  let changed = Promise.withResolvers<void>();
  const follow = async (): Promise<void> => {
    let retryMs = RETRY_MS_MIN;
    while (!stop.signal.aborted) {
      try {
        for await (const update of withoutSilence(options, stop.signal)) {
          if (!areEqual(update.networkId, options.networkId)) throw new Error('the ledger is of another network');
          state = applied(state, update);
          retryMs = RETRY_MS_MIN;
          changed.resolve();
          changed = Promise.withResolvers<void>();
        }
      } catch (error) {
        if (stop.signal.aborted) return;
        options.log.warn({ err: fromUnknown(error), retryMs }, 'the ledger stream broke and is opened again');
      }
      await options.clock.sleep(retryMs, stop.signal).catch(() => {}); // only rejects when stopped; the loop ends then
      retryMs = Math.min(2 * retryMs, RETRY_MS_MAX);
    }
  };
  const following = follow();
  return {
    state: () => state,
    async blockAfter(block, signal) {
      while (state === undefined || state.block <= block) {
        signal.throwIfAborted();
        await Promise.race([changed.promise, aborted(signal)]);
      }
      return state;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await following;
    },
  };
}

async function* withoutSilence(options: MarketViewOptions, signal: AbortSignal): AsyncGenerator<SubnetUpdate, void> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(new Error('no block came')), SILENCE_MS_MAX).unref();
  try {
    for await (const update of options.watch(AbortSignal.any([signal, silence.signal]))) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(new Error('no block came')), SILENCE_MS_MAX).unref();
      yield update;
    }
  } finally {
    clearTimeout(timer);
  }
}

/** The state after an update. A stream that does not begin with a snapshot of a subnet is a bug of the ledger. */
export function applied(state: MarketState | undefined, update: SubnetUpdate): MarketState {
  const subnet = update.subnet ?? state?.subnet;
  if (subnet === undefined) throw new Error('the first update carries no subnet');
  const neurons = new Map(update.snapshot ? [] : state?.neurons);
  const ended = new Set(update.endedUids);
  for (const [id, neuron] of neurons) if (ended.has(neuron.uid)) neurons.delete(id);
  for (const neuron of update.neurons) {
    // A uid belongs to one registration: whoever had it before is gone.
    for (const [id, before] of neurons) if (before.uid === neuron.uid) neurons.delete(id);
    neurons.set(bytesToHex(neuron.registrationId), neuron);
  }
  const blockTimeMs = update.blockTimeMs > 0 ? update.blockTimeMs : (state?.blockTimeMs ?? BLOCK_TIME_MS_DEFAULT);
  return { block: update.block, subnet, neurons, blockTimeMs };
}

function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
