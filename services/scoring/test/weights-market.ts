import { fromBinary } from '@bufbuild/protobuf';
import { MetagraphSchema } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { migrate } from '@subnetes/runtime/migrate';
import type { Database } from '@subnetes/runtime/sql';
import { beaconKeyOf, type Beacon } from '@subnetes/timelock/beacon';
import { readPayload } from '#adapters/read-weights.ts';
import { sqlStore } from '#adapters/sql-store.ts';
import type { Submission } from '#application/accept-weights.ts';
import type { ScoringPolicy } from '#domain/policy.ts';
import type { WeightsReveal } from '#domain/reveal.ts';
import { NETUID, POLICY, useCases, weights } from './market.ts';
import { MIGRATIONS } from './store.contract.ts';
import { keptEnvelope, lockedPayload, withinOf } from './timelocked.ts';

const GENESIS_S = 1_700_000_000;
const key = beaconKeyOf(new Uint8Array(32).fill(3));
export const beacon: Beacon = {
  chainHash: 'ab'.repeat(32),
  publicKey: key.publicKey,
  genesisTimeS: GENESIS_S,
  periodS: 3,
};
export const OFF: ScoringPolicy = { ...POLICY, commitReveal: { type: 'Off' }, weightsRateLimitBlocks: 10 };
export const TIMELOCK: ScoringPolicy = { ...POLICY, commitReveal: { type: 'Timelock', revealPeriodEpochs: 1, beacon } };

/** A row of the usual validator, without a report. */
export const row = (uid: number, interval: number, change: Partial<WeightsReveal> = {}): WeightsReveal =>
  weights(uid, interval, { report: { miners: [], replayDay: '' }, ...change });

/** A subnet on a fresh database, with a clock and a beacon that do what the test says. */
export async function openWeightsMarket(database: Database) {
  await migrate(database, MIGRATIONS);
  const store = sqlStore(database);
  const clock = { nowMs: GENESIS_S * 1000, newestRound: 0, asked: 0 };
  const rounds = {
    isConfigured: true,
    signature: async (_beacon: Beacon, round: number) => {
      clock.asked += 1;
      return round <= clock.newestRound ? key.sign(round) : undefined;
    },
  };
  const cases = useCases(store, { rounds, nowMs: () => clock.nowMs });
  const lockedBytes = (uid: number, payload: Uint8Array): Submission => {
    const opened = readPayload('commit', payload, { ...cases.signed(uid), envelope: keptEnvelope(payload) });
    if ('refusal' in opened) throw new Error(opened.refusal.message);
    return opened.submission;
  };
  return {
    store,
    cases,
    clock,
    /** The clock at a round; the beacon has it unless told otherwise. */
    at: (round: number, hasIt = true): void => {
      clock.nowMs = (GENESIS_S + 3 * (round - 1)) * 1000;
      if (hasIt) clock.newestRound = round;
    },
    metagraph: async (index: number) => {
      const metagraph = await cases.readMetagraph(NETUID, index);
      if (metagraph === undefined) throw new Error(`there is no epoch ${index}`);
      return fromBinary(MetagraphSchema, metagraph).neurons;
    },
    inputs: async (index: number) => {
      const epoch = await store.epoch(NETUID, index);
      const { mechanisms } = JSON.parse(epoch?.inputsJson ?? '{}') as {
        mechanisms: { epoch: { neurons: { weights: number[][]; lastUpdate: number; oldestCommit: null }[] } }[];
      };
      return mechanisms[0]?.epoch.neurons ?? [];
    },
    lockedBytes,
    locked: (uid: number, own: WeightsReveal, round: number): Submission =>
      lockedBytes(uid, lockedPayload(own, { beacon, round, within: withinOf({ uid }, own) })),
  };
}

export type WeightsMarket = Awaited<ReturnType<typeof openWeightsMarket>>;
