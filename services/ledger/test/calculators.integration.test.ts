import { afterEach, beforeEach, expect, test } from 'vitest';
import { serveHttpLog } from '#adapters/http-log.ts';
import { lazyHttpApi } from '#adapters/lazy-http-api.ts';
import { CONNECTION_MAX } from '#application/signature-lane.ts';
import type { RpcError } from '@subnetes/proto/rpc-error';
import { desk } from './market.ts';
import { type ServedLedger, serveLedger } from './served-ledger.ts';

let served: ServedLedger;
let hotkey: string;

beforeEach(async () => {
  served = await serveLedger();
  ({ hotkey } = await served.market());
});
afterEach(() => served[Symbol.asyncDispose]());

const refusal = (reason: string) => expect.objectContaining({ name: 'RpcError', reason });

test('an emission is projected for whoever asks, and is what the pot then has', async () => {
  const pot = async () =>
    BigInt((await served.neuron.getBalances({ accounts: ['pot:1'] })).balances[0]?.posted?.amount ?? '0');
  const before = await pot();
  const { projection, points } = await served.calculators.projectEmission({ netuid: 1, blocks: 4, points: 2 });
  expect(projection).toMatchObject({ blocks: 4, asset: 'TAO', basis: 'Equal', method: 'Determined', blockTimeMs: 100 });
  expect(points.map(({ blocks }) => blocks)).toEqual([2, 4]);
  await served.produce(4);
  expect(points[1]).toMatchObject({ meanRao: ((await pot()) - before).toString(), lowRao: points[1]?.highRao });
});

test('stake and registration are projected; what cannot be is refused by its code', async () => {
  const asked = { netuid: 1, hotkey, coldkey: desk.address, addRao: '5000000000', blocks: 1000, restake: false };
  const stake = await served.calculators.projectStake(asked);
  expect(stake).toMatchObject({ projection: { epochsSeen: 0 }, mean: { rewardRao: '0' } });
  await served.payEpoch();
  expect(await served.calculators.projectStake(asked)).toMatchObject({ projection: { epochsSeen: 1 } });
  const registration = await served.calculators.projectRegistration({ netuid: 1, blocks: 1000 });
  expect(registration).toMatchObject({ costRao: '1000000000', miners: 0, mean: { earnedRao: '0' } });
  expect(registration.mean?.blocks).toBeUndefined();
  await expect(served.calculators.projectStake({ ...asked, netuid: 5 })).rejects.toEqual(refusal('SUBNET_UNKNOWN'));
  await expect(served.calculators.projectStake({ ...asked, hotkey: 'none' })).rejects.toEqual(
    refusal('NOT_REGISTERED'),
  );
  await expect(served.calculators.projectStake({ ...asked, addRao: '-1' })).rejects.toEqual(
    refusal('INVALID_ARGUMENT'),
  );
  await expect(served.calculators.projectStake({ ...asked, blocks: 0 })).rejects.toEqual(refusal('INVALID_ARGUMENT'));
  await expect(served.calculators.projectEmission({ netuid: 1, blocks: 10, points: 65 })).rejects.toEqual(
    refusal('INVALID_ARGUMENT'),
  );
});

test('projections take their turn: of a flood most are refused, and who waits is answered', async () => {
  const pause = Promise.withResolvers<void>();
  await using slow = await serveLedger(undefined, { monotonicMs: () => 0, sleep: () => pause.promise });
  await slow.market();
  const asked = Array.from({ length: 2 * CONNECTION_MAX }, () =>
    slow.calculators.projectEmission({ netuid: 1, blocks: 4, points: 2 }),
  );
  const refused = (await Promise.race(asked.map((call) => call.then(() => new Promise(() => {}), String)))) as string;
  expect(refused).toContain('too many of these wait already');
  pause.resolve();
  const outcomes = await Promise.allSettled(asked);
  const answered = outcomes.filter(({ status }) => status === 'fulfilled').length;
  // One was in its pause already.
  expect(answered).toBe(CONNECTION_MAX + 1);
  expect(
    new Set(outcomes.flatMap((each) => (each.status === 'rejected' ? [(each.reason as RpcError).reason] : []))),
  ).toEqual(new Set(['QUOTES_BUSY']));
});

test('the same over HTTP', async () => {
  const onFailure = (error: unknown): never => {
    throw error;
  };
  const api = lazyHttpApi({ handlers: served.handlers, version: '1.2.3', onFailure });
  await using http = await serveHttpLog({ port: 0, host: '127.0.0.1', tree: served.tree, onFailure, api });
  const ask = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${http.port}${path}`);
    return { status: response.status, json: (await response.json()) as object };
  };
  const emission = await served.calculators.projectEmission({ netuid: 1, blocks: 7200, points: 1 });
  expect(await ask('/v1/subnets/1/projected-emission')).toMatchObject({
    status: 200,
    json: { points: [{ blocks: 7200, meanRao: emission.points[0]?.meanRao }], projection: { method: 'Determined' } },
  });
  expect(await ask('/v1/subnets/1/projected-registration?blocks=50')).toMatchObject({
    status: 200,
    json: { costRao: '1000000000' },
  });
  const stake = `/v1/subnets/1/neurons/${hotkey}/projected-stake`;
  expect(await ask(`${stake}?addRao=7&blocks=50&restake=true`)).toMatchObject({ status: 200, json: { stakeRao: '7' } });
  expect(await ask(stake)).toMatchObject({ status: 400, json: { code: 'INVALID_ARGUMENT' } });
  expect(await ask('/v1/subnets/4/projected-emission')).toMatchObject({
    status: 404,
    json: { code: 'SUBNET_UNKNOWN' },
  });
  expect(await ask('/v1/subnets/1/projected-emission?blocks=9999999')).toMatchObject({ status: 400 });
});

test('who reckons by itself gets what projections go by', async () => {
  await served.payEpoch();
  expect(await served.calculators.getOutlook({ netuid: 1 })).toMatchObject({
    projection: { epochsSeen: 1, blocks: 0 },
    rewardRao: '1000000000',
    partRao: '1000000000',
    firstRewardRao: '1000000000',
    halves: true,
    ownerCutU16: 11_796,
    validators: [],
    unpaidEpochs: 1,
  });
  await expect(served.calculators.getOutlook({ netuid: 9 })).rejects.toEqual(refusal('SUBNET_UNKNOWN'));
});
