import { bytesToHex } from '@noble/hashes/utils.js';
import { AddressRule } from '@subnetes/dial/address-rule';
import type { AllowList } from '@subnetes/dial/address-rule';
import type { MarketView } from '@subnetes/neuron/market-view';
import { readHotkey } from '@subnetes/neuron/neuron-file';
import type { NeuronFile } from '@subnetes/neuron/neuron-file';
import type { Scoring as ScoringService } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { RpcClient } from '@subnetes/proto/grpc-client';
import { RpcError } from '@subnetes/proto/rpc-error';
import type { Clock } from '@subnetes/runtime/clock';
import type { Logger } from '@subnetes/telemetry/logger';
import type { Metrics } from '@subnetes/telemetry/metrics';
import { followBlocks } from '#application/follow-blocks.ts';
import { makeJudge } from '#application/judge-epoch.ts';
import type { Miner, PriceHistory } from '#application/ports.ts';
import { makeSubmitWeights } from '#application/submit-weights.ts';
import type { Drill } from '#application/submit-weights.ts';
import { auditFiles } from './audit-files.ts';
import { journalOf } from './metrics.ts';
import { minerClient } from './miner-client.ts';
import { readMarket } from './read-market.ts';
import { scoringClient } from './scoring-client.ts';
import { SP500_DAILY } from './sp500-dataset.ts';
import { openStateFile } from './state-file.ts';

export type ValidatorOptions = {
  readonly neuron: NeuronFile;
  readonly stateDir: string;
  readonly sampleSize: number;
  /** One answer in so many is asked for twice; 0: none. */
  readonly auditOneIn: number;
  readonly drill: Drill;
  readonly dialRule: AllowList;
  readonly history: PriceHistory;
  readonly view: MarketView;
  readonly scoring: RpcClient<typeof ScoringService>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly metrics: Metrics;
  readonly log: Logger;
};

/** Judges miners and submits weights until the signal is aborted; rejects with its reason or with what broke. */
export async function runValidator(options: ValidatorOptions, signal: AbortSignal): Promise<void> {
  const { neuron, view, clock, log } = options;
  const { networkId, registrationId, netuid } = neuron;
  const ownId = bytesToHex(registrationId);
  const { state, store } = await openStateFile(options.stateDir, ownId);
  const hotkey = readHotkey(neuron.hotkeyFile).pair;
  const nowMs = () => clock.nowMs();
  const sequence = risingSequence(nowMs);
  const journal = journalOf(options.metrics, log);
  if (options.drill !== undefined) log.warn({ drill: options.drill }, 'this validator is dishonest on purpose');
  const rule = new AddressRule(options.dialRule);
  await using miners = minerClient({ networkId, registrationId, hotkey, sequence, nowMs, rule });
  const judge = makeJudge(
    {
      history: options.history,
      dataset: SP500_DAILY,
      ask: miners.ask,
      sampleSize: options.sampleSize,
      sample: (all, size) => sampled(all, size, options.random),
      monotonicMs: () => clock.monotonicMs(),
      audited: (asked) => asked.filter(() => options.auditOneIn > 0 && options.random() * options.auditOneIn < 1),
      keepAudit: auditFiles(options.stateDir),
      journal,
    },
    state.judgement,
  );
  const submit = makeSubmitWeights(
    {
      scoring: scoringClient({ client: options.scoring, netuid, networkId, registrationId, hotkey, sequence, nowMs }),
      save: (submissions) => store.save({ judgement: judge.judgement(), submissions }),
      standings: judge.standings,
      replayDay: judge.replayDay,
      drill: options.drill,
      journal,
    },
    state.submissions,
  );
  await followBlocks(
    {
      async marketAfter(block, stop) {
        const next = await view.blockAfter(BigInt(block), stop);
        return { block: Number(next.block), market: readMarket(next, ownId) };
      },
      judge,
      submit,
      store,
      journal,
      isOutage: (error) => error instanceof RpcError,
    },
    signal,
  );
}

/** Sequences begin at the clock's milliseconds, so that they rise over restarts without being stored. */
function risingSequence(nowMs: () => number): () => bigint {
  let last = 0n;
  return () => {
    const now = BigInt(nowMs());
    last = now > last ? now : last + 1n;
    return last;
  };
}

/** A random choice without repetition (Fisher and Yates), or all where there are few. */
function sampled(miners: readonly Miner[], size: number, random: () => number): readonly Miner[] {
  if (miners.length <= size) return miners;
  const pool = [...miners];
  for (let index = 0; index < size; index++) {
    const other = index + Math.floor(random() * (pool.length - index));
    const [a, b] = [pool[index], pool[other]];
    if (a !== undefined && b !== undefined) [pool[index], pool[other]] = [b, a];
  }
  return pool.slice(0, size);
}
