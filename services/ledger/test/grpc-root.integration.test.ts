import type { WalletOrder } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { serveHttpLog } from '#adapters/http-log.ts';
import { lazyHttpApi } from '#adapters/lazy-http-api.ts';
import { desk, keyOf, mandateOf, orderOn, owner, putSubnetOf, registerOf } from './market.ts';
import { genesisOf, type ServedLedger, serveLedger } from './served-ledger.ts';

const given = genesisOf({ rootStakeWeightPpm: 180_000 });
const network = given.networkId;
const TAO = 1_000_000_000n;

let served: ServedLedger;
let sequence: bigint;
let hotkey: string;
beforeEach(async () => {
  sequence = 0n;
  served = await serveLedger(given);
  await served.operator.putSubnet(putSubnetOf('sp500', mandateOf(owner, { networkId: network })));
  const change = { networkId: network, mandate: mandateOf(desk, { networkId: network }) };
  const { neuron } = await served.operator.register(registerOf(1, 'garch', change));
  hotkey = neuron?.hotkey ?? '';
});
afterEach(() => served[Symbol.asyncDispose]());

function submit(order: WalletOrder['order']) {
  sequence += 1n;
  return served.neuron.submitOrder({ order: orderOn(network)(desk, sequence, order) });
}

const adding = (change: object = {}): WalletOrder['order'] => ({
  case: 'addStake',
  value: {
    $typeName: 'subnetes.ledger.v1.AddStakeOrder',
    netuid: 0,
    hotkey,
    amountRao: String(10n * TAO),
    ...change,
  },
});
const removing = (change: object = {}): WalletOrder['order'] => ({
  case: 'removeStake',
  value: { $typeName: 'subnetes.ledger.v1.RemoveStakeOrder', netuid: 0, hotkey, amountRao: '', ...change },
});

test('stake goes onto root, waits for a seal, counts in the subnet, and comes back', async () => {
  await submit(adding());
  const waiting = await served.root.getRootStake({ hotkey });
  expect(waiting).toMatchObject({
    hotkey,
    coldkey: desk.address,
    weightPpm: 180_000,
    takeU16: 11_796,
    stake: { asset: 'TAO', amount: '0' },
    waiting: { amount: String(10n * TAO) },
    seat: false,
    places: [{ netuid: 1, handle: 'sp500' }],
  });
  await served.payEpoch();
  expect(await served.root.getRootStake({ hotkey })).toMatchObject({
    stake: { amount: String(10n * TAO) },
    delegated: { amount: String(10n * TAO) },
    waiting: { amount: '0' },
    counts: { amount: '1799999999' },
  });
  const { neurons } = await served.neuron.listNeurons({ netuid: 1 });
  expect(neurons).toMatchObject([{ stake: { amount: '0' }, stakeWeight: { amount: '1799999999' } }]);
  const { delegations } = await served.neuron.listDelegations({ coldkey: desk.address });
  expect(delegations).toMatchObject([{ netuid: 0, hotkey, worth: { amount: String(10n * TAO) } }]);
  await submit(removing({ amountRao: String(4n * TAO) }));
  await submit(removing());
  expect((await served.root.getRootStake({ hotkey })).stake).toMatchObject({ amount: '0' });
  expect(await served.neuron.audit({ verifyChain: true })).toMatchObject({ differenceRao: '0', findings: [] });
});

test.for<[string, (stranger: string) => WalletOrder['order'], string]>([
  ['on a hotkey that nobody registered', (stranger) => adding({ hotkey: stranger }), 'NOT_REGISTERED'],
  ['of less than is worth its row', () => adding({ amountRao: '1999999' }), 'STAKE_TOO_SMALL'],
  ['of nothing', () => adding({ amountRao: '0' }), 'INVALID_ARGUMENT'],
  ['of more than the wallet has', () => adding({ amountRao: String(99_999n * TAO) }), 'INSUFFICIENT_FUNDS'],
  ['that is taken where there is none', () => removing(), 'INSUFFICIENT_STAKE'],
])('stake %s is refused by its code', async ([, order, reason]) => {
  await expect(submit(order(keyOf('stranger').address))).rejects.toMatchObject({ reason });
});

test('the same over HTTP, and a hotkey that nobody registered is not found', async () => {
  const onFailure = (error: unknown): never => {
    throw error;
  };
  const api = lazyHttpApi({ handlers: served.handlers, version: '1.2.3', onFailure });
  await using http = await serveHttpLog({ port: 0, host: '127.0.0.1', tree: served.tree, onFailure, api });
  const ask = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${http.port}${path}`);
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  };
  await submit(adding());
  expect(await ask(`/v1/root/${hotkey}`)).toMatchObject({
    status: 200,
    json: { weightPpm: 180_000, waiting: { amount: String(10n * TAO) }, places: [{ netuid: 1 }] },
  });
  expect(await ask(`/v1/root/${keyOf('stranger').address}`)).toMatchObject({
    status: 404,
    json: { code: 'NOT_REGISTERED' },
  });
});
