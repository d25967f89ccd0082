import { isDeepStrictEqual } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from '@subnetes/kube/backoff';
import type { KubeLog } from '@subnetes/kube/metrics';
import type { RpcClient } from '@subnetes/proto/grpc-client';
import type { Ledger, SubnetUpdate } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { SubnetState } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import type { Metagraph, Scoring } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { MarketPort } from '#application/ports.ts';
import type { NeuronView, PaidEpoch, SubnetView } from '#domain/market.ts';
import { withNames } from '#domain/named-why.ts';
import { neuronView, paidEpoch, subnetView } from './views.ts';

export interface MarketStreamsOptions {
  readonly ledger: RpcClient<typeof Ledger>;
  readonly scoring: RpcClient<typeof Scoring>;
  readonly log: KubeLog;
  readonly random: () => number;
  /** Called when more than the block changed. */
  readonly onChange: (netuid: number) => void;
}

export type MarketStreams = MarketPort & AsyncDisposable;

const SUBNETS_MAX = 1_024;
const BACKOFF = { baseMs: 200, capMs: 5_000 };

/** Follows subnets by the streams of ledger and scoring; a stream that breaks is opened again and begins anew. */
export function openMarketStreams(options: MarketStreamsOptions): MarketStreams {
  const abort = new AbortController();
  const subnets = new Map<number, FollowedSubnet>();
  const running: Promise<void>[] = [];
  const follow = (netuid: number): void => {
    if (subnets.has(netuid) || abort.signal.aborted) return;
    if (subnets.size >= SUBNETS_MAX) throw new Error(`more than ${SUBNETS_MAX} subnets are followed`);
    const subnet = new FollowedSubnet(() => options.onChange(netuid));
    subnets.set(netuid, subnet);
    const { signal } = abort;
    running.push(
      keepOpen(options, { name: 'ledger', netuid, signal }, async (heard) => {
        for await (const update of options.ledger.watchSubnet({ netuid }, { signal })) {
          heard();
          subnet.takeUpdate(update);
        }
      }),
      keepOpen(options, { name: 'scoring', netuid, signal }, async (heard) => {
        for await (const news of options.scoring.watchMetagraph({ netuid }, { signal })) {
          heard();
          subnet.takeMetagraph(news);
        }
      }),
    );
  };
  return {
    follow,
    view: (netuid) => subnets.get(netuid)?.view,
    async [Symbol.asyncDispose]() {
      abort.abort();
      await Promise.all(running);
    },
  };
}

async function keepOpen(
  options: MarketStreamsOptions,
  stream: { name: string; netuid: number; signal: AbortSignal },
  read: (heard: () => void) => Promise<void>,
): Promise<void> {
  const { name, netuid, signal } = stream;
  let failures = 0;
  while (!signal.aborted) {
    try {
      await read(() => (failures = 0));
    } catch (error) {
      if (signal.aborted) return;
      const reason = error instanceof Error ? error.message : String(error);
      options.log.warn({ stream: name, netuid, reason }, 'a stream broke, opening it again');
    }
    const waitMs = backoffMs(failures, BACKOFF, options.random());
    failures += 1;
    await delay(waitMs, undefined, { signal }).catch(() => undefined); // aborted: the loop ends
  }
}

/** Puts together what two streams tell of one subnet. */
export class FollowedSubnet {
  view: SubnetView | undefined;
  readonly #changed: () => void;
  #block = 0;
  #state: SubnetState | undefined;
  #metagraph: Metagraph | undefined;
  #neurons: ReadonlyMap<string, NeuronView> = new Map();
  #paid: PaidEpoch | undefined;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  takeUpdate(update: SubnetUpdate): void {
    const block = Number(update.block);
    this.#block = block;
    const news = update.snapshot || update.subnet !== undefined || update.neurons.length + update.endedUids.length > 0;
    if (!news) {
      if (this.view !== undefined) this.view = { ...this.view, block };
      return;
    }
    if (update.subnet !== undefined) this.#state = update.subnet;
    this.#takeNeurons(update);
    this.#join(block);
  }

  takeMetagraph(metagraph: Metagraph): void {
    this.#metagraph = metagraph;
    this.#join(this.#block);
  }

  #takeNeurons(update: SubnetUpdate): void {
    if (!update.snapshot && update.neurons.length + update.endedUids.length === 0) return;
    const ended = new Set(update.endedUids);
    const kept = update.snapshot ? [] : [...this.#neurons.values()].filter((neuron) => !ended.has(neuron.uid));
    const known = new Map(kept.map((neuron) => [neuron.hotkey, neuron]));
    for (const message of update.neurons) {
      const neuron = neuronView(message);
      // A uid that is used again belongs to its new holder alone.
      for (const [hotkey, other] of known) if (other.uid === neuron.uid) known.delete(hotkey);
      known.set(neuron.hotkey, neuron);
    }
    this.#neurons = known;
  }

  #join(block: number): void {
    if (this.#state === undefined) return;
    const paid = this.#metagraph === undefined ? undefined : paidEpoch(this.#state, this.#metagraph);
    // The same epoch told again keeps its first object, so that a comparison is cheap.
    if (paid !== undefined && paid.index !== this.#paid?.index) this.#paid = withNames(paid, this.#neurons);
    // After a start one stream is ahead of the other: half a view would tell that nobody earns.
    const isComplete = this.#paid !== undefined || this.#state.lastPaidIndex === 0n;
    if (!isComplete && this.view === undefined) return;
    const before = this.view;
    this.view = subnetView(this.#state, { block, neurons: this.#neurons, paid: this.#paid });
    // Pots grow with each block, which is no news to a status.
    if (before === undefined || !tellsTheSame(before, this.view)) this.#changed();
  }
}

function tellsTheSame(before: SubnetView, after: SubnetView): boolean {
  if (before.paid !== after.paid || before.neurons.size !== after.neurons.size) return false;
  const scalars = ({ block: _block, neurons: _neurons, paid: _paid, ...rest }: SubnetView): unknown => rest;
  if (!isDeepStrictEqual(scalars(before), scalars(after))) return false;
  return [...after.neurons].every(([hotkey, neuron]) => sameNeuron(before.neurons.get(hotkey), neuron));
}

function sameNeuron(left: NeuronView | undefined, right: NeuronView): boolean {
  return (
    left !== undefined &&
    left.registrationId === right.registrationId &&
    left.uid === right.uid &&
    left.endpoint === right.endpoint &&
    left.stakeRao === right.stakeRao &&
    left.immuneUntilBlock === right.immuneUntilBlock &&
    left.managedByUid === right.managedByUid &&
    left.managedByName === right.managedByName
  );
}
