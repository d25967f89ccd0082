import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  bindingOf,
  causeOf,
  desk,
  keyOf,
  mandateOf,
  orderOf,
  owner,
  policy,
  putSubnetOf,
  registerOf,
} from './market.ts';
import { type ServedLedger, serveLedger } from './served-ledger.ts';

let served: ServedLedger;

beforeEach(async () => {
  served = await serveLedger();
});
afterEach(() => served[Symbol.asyncDispose]());

const refusal = (reason: string) => expect.objectContaining({ name: 'RpcError', reason });
const PRICE = '1000000000';

/** Subnet 1, full with two miners of the desk that may go. */
async function fullMarket(): Promise<void> {
  const hyperparameters = { ...policy.hyperparameters, maxUids: 2, maxValidators: 2, evictionNoticeBlocks: 5 };
  await served.operator.putSubnet({ ...putSubnetOf('sp500'), policy: { ...policy, hyperparameters } });
  for (const name of ['garch', 'ewma']) await served.operator.register(registerOf(1, name));
  await served.produce(100);
}

test('a newcomer waits over gRPC, all sides read it, and get the place or the money back', async () => {
  await fullMarket();
  const garch = keyOf('garch').address;
  const waits = await served.operator.register(registerOf(1, 'new', { stakeRao: '5' }));
  expect(waits.neuron).toBeUndefined();
  expect(waits).toMatchObject({
    cost: { amount: PRICE },
    waiting: { uid: 0, hotkey: garch, newcomerHotkey: keyOf('new').address, priceRao: PRICE, dueBlock: 105n },
  });
  expect((await served.operator.register(registerOf(1, 'new', { stakeRao: '5' }))).waiting?.dueBlock).toBe(105n);
  const { pending } = await served.lifecycle.listPendingEvictions({ netuid: 1 });
  expect(pending).toEqual([waits.waiting]);
  const { places, freePlaces, noticeBlocks } = await served.lifecycle.listEvictionOrder({ netuid: 1 });
  expect([freePlaces, noticeBlocks]).toEqual([0, 5]);
  expect(places).toMatchObject([
    { place: 1, uid: 0, standing: 'Announced', decidedBy: 'Uid', notice: { dueBlock: 105n, priceRao: PRICE } },
    { place: 2, uid: 1, standing: 'Evictable', decidedBy: '' },
  ]);
  const { neurons } = await served.neuron.listNeurons({ netuid: 1 });
  expect(neurons[0]?.evictionNotice).toMatchObject({ dueBlock: 105n, newcomerHotkey: keyOf('new').address });
  const registration = await served.neuron.getRegistration({ netuid: 1, hotkey: keyOf('new').address });
  expect(registration).toMatchObject({ endedRegistrations: 0n, waiting: { dueBlock: 105n } });
  const account = await served.neuron.getAccount({ account: `waiting:1:${keyOf('new').address}` });
  expect(account).toMatchObject({ kind: 'Waiting', postedRao: '1000000005' });

  const order = { $typeName: 'subnetes.ledger.v1.MatchEvictionOrder' as const, netuid: 1, hotkey: garch };
  const match = (maxCostRao: string, sequence: bigint) =>
    served.neuron.submitOrder({
      order: orderOf(desk, sequence, { case: 'matchEviction', value: { ...order, maxCostRao } }),
    });
  await expect(match('999999999', 1n)).rejects.toEqual(refusal('COST_ABOVE_MAX'));
  await match(PRICE, 2n);
  expect((await served.lifecycle.listPendingEvictions({ netuid: 1 })).pending).toMatchObject([
    { uid: 1, matches: 1, dueBlock: 105n },
  ]);
  await served.produce(5);
  const seated = await served.neuron.getRegistration({ netuid: 1, hotkey: keyOf('new').address });
  expect(seated).toMatchObject({ spentRao: PRICE, neuron: { uid: 1, stake: { amount: '5' } } });
  expect(seated.waiting).toBeUndefined();
  const gone = await served.neuron.getRegistration({ netuid: 1, hotkey: keyOf('ewma').address });
  expect(gone).toMatchObject({ endedRegistrations: 1n, endReason: 'Pruned', spentRao: PRICE });
});

test('a wallet’s own registration waits as well, and says so by having no neuron yet', async () => {
  await fullMarket();
  const value = {
    $typeName: 'subnetes.ledger.v1.RegisterOrder' as const,
    netuid: 1,
    binding: bindingOf(keyOf('own'), desk),
    maxCostRao: PRICE,
    attempt: 1n,
    initialStakeRao: '',
  };
  const done = await served.neuron.submitOrder({ order: orderOf(desk, 1n, { case: 'register', value }) });
  expect(done.neuron).toBeUndefined();
  await expect(served.neuron.submitOrder({ order: orderOf(desk, 2n, { case: 'register', value }) })).rejects.toEqual(
    refusal('ALREADY_WAITING'),
  );
  await served.produce(5);
  expect((await served.neuron.getRegistration({ netuid: 1, hotkey: keyOf('own').address })).neuron?.uid).toBe(0);
});

test('an end is announced by mandate or by the owner’s order, and read by everybody until it is there', async () => {
  await served.market();
  const mandate = mandateOf(owner, { operations: ['DissolveSubnet'], nonce: 'end' });
  const wish = { netuid: 1, mandate, cause: causeOf('Subnet', 'sp500') };
  const { subnet } = await served.lifecycle.dissolveSubnet(wish);
  expect(subnet?.dissolution).toMatchObject({ phase: 'Announced', atBlock: 7200n });
  await expect(served.lifecycle.dissolveSubnet({ ...wish, mandate: mandateOf(owner) })).rejects.toEqual(
    refusal('MANDATE_NOT_GRANTED'),
  );
  await expect(served.lifecycle.dissolveSubnet({ ...wish, atBlock: 9000n })).rejects.toEqual(
    refusal('SUBNET_DISSOLVING'),
  );
  const keep = { $typeName: 'subnetes.ledger.v1.KeepSubnetOrder' as const, netuid: 1, maxCostRao: '' };
  await expect(
    served.neuron.submitOrder({ order: orderOf(desk, 1n, { case: 'keepSubnet', value: keep }) }),
  ).rejects.toEqual(refusal('NOT_OWNER'));
  await served.neuron.submitOrder({ order: orderOf(owner, 1n, { case: 'keepSubnet', value: keep }) });
  const kept = await served.neuron.getSubnet({ by: { case: 'netuid', value: 1 } });
  expect(kept.dissolution).toBeUndefined();
  const dissolve = { $typeName: 'subnetes.ledger.v1.DissolveSubnetOrder' as const, netuid: 1, atBlock: 0n };
  await served.neuron.submitOrder({ order: orderOf(owner, 2n, { case: 'dissolveSubnet', value: dissolve }) });
  await served.produce(7300);
  const ended = await served.neuron.getSubnet({ by: { case: 'netuid', value: 1 } });
  expect(ended).toMatchObject({ neurons: 0, dissolution: { phase: 'Dissolved' } });
  expect((await served.neuron.listSubnets({})).subnets).toEqual([]);
  expect((await served.neuron.audit({ verifyChain: true })).findings).toEqual([]);
});

test('where subnets are free the cost says so, and what there is none of is told', async () => {
  expect(await served.lifecycle.getCreationCost({})).toMatchObject({ costRao: '0', subnets: 0, limit: 128 });
  await expect(served.lifecycle.listEvictionOrder({ netuid: 7 })).rejects.toEqual(refusal('SUBNET_UNKNOWN'));
});
