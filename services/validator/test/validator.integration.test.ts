import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { watchMarket } from '@subnetes/neuron/market-view';
import { readNeuronFile } from '@subnetes/neuron/neuron-file';
import { credentials } from '@grpc/grpc-js';
import { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { fromBinary } from '@bufbuild/protobuf';
import { Scoring, TimelockedWeightsSchema } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { createRpcClient } from '@subnetes/proto/grpc-client';
import { systemClock } from '@subnetes/runtime/clock';
import { createLogger } from '@subnetes/telemetry/logger';
import { createMetrics } from '@subnetes/telemetry/metrics';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSp500 } from '#adapters/sp500-dataset.ts';
import { runValidator } from '#adapters/start-validator.ts';
import { startBeacon } from '@subnetes/testkit/beacon';
import { lockedFor, unlocker } from '@subnetes/timelock/time-lock';
import { networkId, openFakeMarket, RATE_LIMIT, START_BLOCK, TEMPO } from './fake-market.ts';
import type { FakeMarket } from './fake-market.ts';
import { placeNeuron, startMinerProcess } from './miner-processes.ts';
import type { NeuronPlace } from './miner-processes.ts';

/** Blocks of the test's chain; slower than answers, faster than a person's patience. */
const BLOCK_MS = 250;
/** Blocks that an interval is longer at most where a validator has not done yet what the interval asks for: ten seconds. */
const HELD_MAX = 40;
const MINERS = ['copycat.json', 'garch.onnx', 'ewma.onnx', 'ridge.onnx', 'gaussian.onnx', 'broken.json'];
/** What a validator says once scoring has taken weights in the open. */
const TAKEN = /subnetes_validator_weights_total\{step="set",result="taken"\} 1/;
const uidOf = (name: string) => MINERS.findIndex((model) => model.startsWith(name));

const root = mkdtempSync(join(tmpdir(), 'subnetes-validator-'));
const teardown = new AsyncDisposableStack();
let market: FakeMarket;
let honest: NeuronPlace;
let dishonest: NeuronPlace;
/** Hotkeys of those who have to commit in each interval and reveal in the next. */
let awaited: readonly string[] = [];

/** A validator that can be stopped like a pod that is killed; its volume stays. */
function startValidator(place: NeuronPlace, drill?: 'invert-scores') {
  const kill = new AbortController();
  const metrics = createMetrics({ service: 'validator', version: 'test', processMetrics: false });
  const log = createLogger({ service: 'validator', level: 'silent' });
  const running = (async () => {
    const neuron = readNeuronFile(place.file);
    using ledger = createRpcClient(Ledger, { address: neuron.ledgerUrl, credentials: credentials.createInsecure() });
    using scoring = createRpcClient(Scoring, { address: neuron.scoringUrl, credentials: credentials.createInsecure() });
    const watch = (signal: AbortSignal) => ledger.watchSubnet({ netuid: neuron.netuid }, { signal });
    await using view = watchMarket({ watch, networkId, clock: systemClock, log });
    const stateDir = join(place.directory, 'state');
    const dialRule = { suffixes: [], networks: ['127.0.0.1/32'] };
    const common = {
      dialRule,
      neuron,
      stateDir,
      sampleSize: 64,
      auditOneIn: 1,
      history: readSp500(),
      view,
      scoring,
      clock: systemClock,
    };
    await runValidator({ ...common, drill, random: () => 0.5, metrics, log }, kill.signal);
  })();
  running.catch(() => {}); // looked at in stop
  return {
    metrics,
    async stop() {
      kill.abort(new Error('killed'));
      await running.catch((error: unknown) => {
        if (!(error instanceof Error && error.message === 'killed')) throw error;
      });
    },
  };
}

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = AbortSignal.timeout(120_000);
  while (!(await condition())) {
    if (deadline.aborted)
      throw new Error(`waited two minutes for: ${what}; refused so far: ${market.refusals.join(', ')}`);
    await delay(BLOCK_MS / 3);
  }
}

/** Whether somebody still has to commit in this interval, or to show what it committed to in the one before. */
function isBusy(): boolean {
  const interval = market.interval();
  return awaited.some((hotkey) => {
    const isShown = market.reveals.some(
      (each) => each.hotkey === hotkey && Number(each.content.commitInterval) === interval - 1,
    );
    const hasCommitted = (at: number): boolean => market.commits.has(`${hotkey}/${at}`);
    return interval > 1 && (!hasCommitted(interval) || (hasCommitted(interval - 1) && !isShown));
  });
}

/** The chain's clock. On a machine whose processors have other work an interval ends later: who is slow there misses nothing. */
function startClock(): Disposable {
  let held = 0;
  const timer = setInterval(() => {
    const isLast = (market.block() + 1 - START_BLOCK) % TEMPO === 0;
    held = isLast && isBusy() ? held + 1 : 0;
    if (held === 0 || held > HELD_MAX) market.tick();
  }, BLOCK_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

beforeAll(async () => {
  market = teardown.use(await openFakeMarket({ startDay: '2016-11-04', emaPpm: 5000, perEpoch: 20 }));
  for (const [uid, model] of MINERS.entries()) {
    teardown.use(await startMinerProcess(market, root, { name: model.split('.')[0] ?? '', uid, model }));
  }
  honest = placeNeuron(market, root, { name: 'val-a', uid: 6, stakeTao: 4500 });
  dishonest = placeNeuron(market, root, { name: 'val-c', uid: 7, stakeTao: 2000 });
  await until(
    'endpoints',
    () => [...market.neurons.values()].filter(({ endpoint }) => endpoint !== undefined).length === 6,
  );
  teardown.use(startClock());
});
afterAll(async () => {
  await teardown.disposeAsync();
  rmSync(root, { recursive: true });
});

describe('a validator over several epochs', () => {
  test('commits once an interval, reveals in the next, and weighs miners as their losses say', async () => {
    const validator = startValidator(honest);
    const cheat = startValidator(dishonest, 'invert-scores');
    awaited = [honest.hotkey, dishonest.hotkey];
    const of = (place: NeuronPlace) => market.reveals.filter(({ hotkey }) => hotkey === place.hotkey);
    await until('three reveals', () => of(honest).length >= 3 && of(dishonest).length >= 3);
    awaited = [];
    await validator.stop();
    await cheat.stop();

    const newest = of(honest).at(-1)?.content;
    const weight = (uid: number) => newest?.values[newest.uids.indexOf(uid)] ?? 0;
    const earned = ['garch', 'ewma', 'ridge', 'gaussian'].map((name) => weight(uidOf(name)));
    expect(earned).toEqual(earned.toSorted((a, b) => b - a));
    expect(earned[0]).toBe(65_535);
    expect([weight(uidOf('copycat')), weight(uidOf('broken'))]).toEqual([0, 0]);

    const report = (uid: number) => newest?.report?.miners.find((one) => one.uid === uid);
    expect(report(uidOf('copycat'))).toMatchObject({ copy: true, copyOfUid: uidOf('ewma') });
    expect(report(uidOf('copycat'))?.similarityPpm).toBeGreaterThanOrEqual(999_000);
    expect(report(uidOf('garch'))).toMatchObject({ copy: false, answers: 20 });
    // Blocks come so fast here that a busy machine makes some honest answers late.
    expect(report(uidOf('garch'))?.invalid).toBeLessThan(5);
    expect(report(uidOf('broken'))?.invalid).toBe(report(uidOf('broken'))?.answers);
    expect(report(uidOf('broken'))?.invalidReason).toMatch(/is NaN|late|no answer/);
    expect(newest?.report?.replayDay).toMatch(/^201[67]-/);
    // Every answer is asked for twice here: a model answers a question in one way, whichever replica or script it is.
    expect(newest?.report?.miners.map(({ failedAudits }) => failedAudits)).toEqual(MINERS.map(() => 0));

    const inverted = of(dishonest).at(-1)?.content;
    expect(inverted?.uids).not.toContain(uidOf('garch'));
    expect(inverted?.values[inverted.uids.indexOf(uidOf('copycat'))]).toBe(65_535);
    expect([...market.commits.values()].every(({ times }) => times === 1)).toBe(true);
    expect(market.refusals).toEqual([]);
  });

  test('killed in the middle of epochs and with scoring away for a while, it misses and doubles nothing', async () => {
    const before = market.reveals.length;
    const first = market.interval();
    awaited = [honest.hotkey];
    for (let kill = 0; kill < 4; kill++) {
      const validator = startValidator(honest);
      const from = market.block();
      await until('half an interval', () => market.block() >= from + TEMPO / 2 + kill);
      await validator.stop();
    }
    const validator = startValidator(honest);
    market.setScoringDown(true);
    const from = market.block();
    await until('an outage of some blocks', () => market.block() >= from + 5);
    market.setScoringDown(false);
    const last = market.interval();
    await until('the reveal of the last interval', () =>
      market.reveals.slice(before).some(({ interval }) => interval > last),
    );
    awaited = [];
    await validator.stop();

    const revealed = market.reveals.slice(before).map(({ content }) => Number(content.commitInterval));
    const expected = Array.from({ length: last - first }, (_, at) => first + at);
    for (const interval of expected) expect(revealed.filter((one) => one === interval)).toEqual([interval]);
    expect(new Set(revealed).size).toBe(revealed.length);
    expect(market.refusals).toEqual([]);
  });

  test('under Timelock it locks the weights of its own miners until a quarter into the next interval, and reveals nothing', async () => {
    await using own = await startBeacon();
    market.setPolicy({ commitReveal: 'Timelock', beacon: own.beacon });
    market.setNotToJudge([uidOf('garch')]); // others were drawn for it
    const [reveals, refusals] = [market.reveals.length, market.refusals.length];
    const switched = market.interval();
    const validator = startValidator(honest);
    await until('two locked commits', () => market.locked.length >= 2);
    await validator.stop();
    for (const { block, hotkey, timelock } of market.locked) {
      const locked = lockedFor(timelock);
      expect(locked?.chainHash).toBe(own.beacon.chainHash);
      const within = fromBinary(TimelockedWeightsSchema, unlocker(own.sign(locked?.round ?? 0))(timelock)!);
      expect(hotkey).toBe(honest.hotkey);
      expect(within).toMatchObject({ netuid: 1, interval: BigInt(1 + Math.floor((block - START_BLOCK) / TEMPO)) });
      expect(within.uids.length).toBe(within.values.length);
      expect(within.uids.length).toBeGreaterThan(0);
      for (const uids of [within.uids, within.report?.miners.map(({ uid }) => uid)]) {
        expect(uids).not.toContain(uidOf('garch'));
      }
      expect(within.report?.miners.length).toBeGreaterThan(0);
    }
    // A salted commit of before may still be waiting for its reveal.
    for (const { content } of market.reveals.slice(reveals)) {
      expect(Number(content.commitInterval)).toBeLessThanOrEqual(switched);
    }
    expect(market.refusals.slice(refusals)).toEqual([]);
    market.setNotToJudge([]);
  });

  test('under Off it sets weights in the open, no more often than it may, also after it was killed', async () => {
    market.setPolicy({ commitReveal: 'Off' });
    const refusals = market.refusals.length;
    for (const count of [1, 2, 3]) {
      const validator = startValidator(honest);
      await until(`row ${count} in the open`, () => market.sets.length >= count);
      // One that is killed before it knows has to ask scoring once more, and is refused in the next interval.
      await until(`that it knows of row ${count}`, async () => TAKEN.test(await validator.metrics.text()));
      await validator.stop();
    }
    const apart = market.sets.map(({ block }, at) => block - (market.sets[at - 1]?.block ?? Number.NEGATIVE_INFINITY));
    expect(Math.min(...apart)).toBeGreaterThanOrEqual(RATE_LIMIT);
    expect(market.sets[0]?.content.values).toContain(65_535);
    expect(market.refusals.slice(refusals)).toEqual([]);
    market.setPolicy({ commitReveal: 'Salted' });
  });

  test('counts what it does', async () => {
    const validator = startValidator(honest);
    const counted = [
      /subnetes_validator_challenges_total [1-9]/,
      /subnetes_validator_answers_total\{outcome="valid"\} [1-9]/,
      /subnetes_validator_loss\{uid="1"\} 0\.00/,
      /subnetes_validator_copies_total 1/,
    ];
    let missing = counted;
    await until('all of it to be counted', async () => {
      const text = await validator.metrics.text();
      missing = counted.filter((line) => !line.test(text));
      return missing.length === 0;
    });
    await validator.stop();
    expect(missing).toEqual([]);
  });
});
