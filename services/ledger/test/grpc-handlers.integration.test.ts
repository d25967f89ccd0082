import type { MessageInitShape } from '@bufbuild/protobuf';
import { createAuthority } from '@subnetes/pki/certificates';
import { RECOMMENDED } from '@subnetes/policy/recommended';
import type { CountermeasuresSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { causeOf, desk, keyOf, mandateOf, networkId, orderOf, owner, putSubnetOf, registerOf } from './market.ts';
import { type ServedLedger, serveLedger } from './served-ledger.ts';

let served: ServedLedger;

beforeEach(async () => {
  served = await serveLedger();
});
afterEach(async () => {
  await served[Symbol.asyncDispose]();
});

const refusal = (reason: string) => expect.objectContaining({ name: 'RpcError', reason });

test('each part may do its own, by the name in its certificate', async () => {
  await expect(served.billing.putSubnet(putSubnetOf('sp500'))).rejects.toEqual(refusal('CALLER_NOT_ALLOWED'));
  await expect(served.neuron.putSubnet(putSubnetOf('sp500'))).rejects.toEqual(refusal('CALLER_NOT_ALLOWED'));
  await served.market();
  await expect(served.neuron.register(registerOf(1, 'ewma'))).rejects.toEqual(refusal('CALLER_NOT_ALLOWED'));
  for (const stranger of [served.operator, served.neuron]) {
    await expect(stranger.submitTransfers({ transfers: [] })).rejects.toEqual(refusal('CALLER_NOT_ALLOWED'));
    await expect(stranger.createHolds({ holds: [] })).rejects.toEqual(refusal('CALLER_NOT_ALLOWED'));
    await expect(stranger.postHolds({ posts: [] })).rejects.toEqual(refusal('CALLER_NOT_ALLOWED'));
    await expect(stranger.voidHolds({ holdIds: [] })).rejects.toEqual(refusal('CALLER_NOT_ALLOWED'));
  }
  expect(await served.neuron.getNetwork({})).toMatchObject({
    networkId: Buffer.from(networkId),
    symbol: 'TAO',
    decimals: 9,
  });
});

test('a certificate of another authority is worth nothing', async () => {
  const other = await createAuthority('test', Date.now(), 86_400_000);
  const impostor = await served.connect('operator', other);
  await expect(impostor.putSubnet(putSubnetOf('sp500'))).rejects.toEqual(refusal('CALLER_NOT_ALLOWED'));
});

test('a subnet and its neurons are read as they were written', async () => {
  const registered = await served.market();
  const subnet = await served.neuron.getSubnet({ by: { case: 'handle', value: 'sp500' } });
  expect(subnet).toMatchObject({ netuid: 1, ownerColdkey: owner.address, neurons: 1, nextEpochBlock: 10n });
  expect(subnet.active?.policy?.hyperparameters).toMatchObject({
    tempo: 10,
    kappaU16: 32_767,
    commitReveal: 'Salted',
    weightsRateLimitBlocks: 100,
    missedReveal: 'Keep',
  });
  expect(subnet.active?.policy?.mechanisms[0]?.quantileForecast?.horizonsDays).toEqual([1, 5]);
  const { neurons, nextPageToken } = await served.neuron.listNeurons({ netuid: 1 });
  expect(neurons).toEqual([registered]);
  expect(nextPageToken).toBe('');
  const registration = await served.neuron.getRegistration({ netuid: 1, hotkey: registered.hotkey });
  expect(registration).toMatchObject({ endedRegistrations: 0n, neuron: { uid: 0, coldkey: desk.address } });
  expect(registration.neuron?.managedBy).toMatchObject({ name: 'garch', namespace: 'finance' });
});

test('countermeasures are resolved, versioned and read back; a refusal names the field', async () => {
  await served.market();
  const put = putSubnetOf('sp500');
  const around = (countermeasures: MessageInitShape<typeof CountermeasuresSchema>) =>
    served.operator.putSubnet({ ...put, policy: { ...put.policy, countermeasures } });
  const { policyVersion } = await around({ firewall: { minersMin: 9 }, incentiveCurve: { weightsByPlace: [3, 2, 1] } });
  const { pending } = await served.neuron.getSubnet({ by: { case: 'netuid', value: 1 } });
  expect(pending).toMatchObject({
    version: policyVersion,
    policy: {
      countermeasures: {
        firewall: { ...RECOMMENDED.firewall, minersMin: 9 },
        incentiveCurve: { weightsByPlace: [3, 2, 1] },
      },
    },
  });
  expect(pending?.policy?.countermeasures?.deviation).toBeUndefined();
  await expect(around({ firewall: { minersMin: 3 } })).rejects.toMatchObject({
    reason: 'POLICY_INVALID',
    message: expect.stringContaining('countermeasures.firewall.minersMin: 3'),
  });
});

test('malformed requests name the field', async () => {
  const fields = async (call: Promise<unknown>) =>
    call.then(
      () => 'accepted',
      (error: { fieldViolations: { field: string }[] }) => error.fieldViolations[0]?.field,
    );
  const { policy: _policy, ...noPolicy } = putSubnetOf('sp500');
  const { cause: _cause, ...noCause } = putSubnetOf('sp500');
  expect(await fields(served.operator.putSubnet(noPolicy))).toBe('policy');
  expect(await fields(served.operator.putSubnet(noCause))).toBe('cause');
  expect(await fields(served.operator.register({ ...registerOf(65_536, 'x') }))).toBe('netuid');
  // A netuid that was left out is the root network's, which this network has not.
  await expect(served.operator.register(registerOf(0, 'x'))).rejects.toEqual(refusal('SUBNET_UNKNOWN'));
  expect(await fields(served.operator.register({ ...registerOf(1, 'x'), maxCostRao: '-1' }))).toBe('max_cost_rao');
  expect(await fields(served.operator.register({ ...registerOf(1, 'x'), maxCostRao: '1e9' }))).toBe('max_cost_rao');
  expect(await fields(served.neuron.listEntries({ limit: 1001 }))).toBe('limit');
  expect(await fields(served.neuron.listNeurons({ netuid: 1, page: { size: 1001, token: '' } }))).toBe('page.size');
  expect(await fields(served.neuron.listSubnets({ page: { size: 1, token: 'x' } }))).toBe('page.token');
  const transfers = Array.from({ length: 1001 }, () => ({ id: 'x' }));
  expect(await fields(served.billing.submitTransfers({ transfers }))).toMatch(/^transfers/);
  for (const amount of ['-1', '1.5', '1e3', 'NaN', '9'.repeat(40), ' 1']) {
    const transfer = { id: 'x', from: 'billing:a', to: desk.address, amount: { asset: 'TAO', amount } };
    expect(await fields(served.billing.submitTransfers({ transfers: [transfer] }))).toBe('transfers[0].amount.amount');
  }
});

test('a watcher sees everything first, then each block and what changed', async () => {
  await served.market();
  const stop = new AbortController();
  const updates = served.neuron.watchSubnet({ netuid: 1 }, { signal: stop.signal })[Symbol.asyncIterator]();
  const next = async () => (await updates.next()).value;
  expect(await next()).toMatchObject({
    snapshot: true,
    block: 0n,
    blockTimeMs: 100,
    neurons: [{ uid: 0 }],
    subnet: { netuid: 1 },
  });
  await served.produce(1);
  expect(await next()).toMatchObject({ snapshot: false, block: 1n, neurons: [] });
  await served.operator.register(registerOf(1, 'ewma'));
  expect(await next()).toMatchObject({ block: 1n, neurons: [{ uid: 1 }], subnet: { neurons: 2 } });
  await served.operator.deregister({
    netuid: 1,
    hotkey: keyOf('garch').address,
    mandate: mandateOf(desk),
    cause: causeOf('Miner', 'garch'),
  });
  expect(await next()).toMatchObject({ neurons: [], endedUids: [0] });
  stop.abort();
  const unknown = served.neuron.watchSubnet({ netuid: 9 })[Symbol.asyncIterator]();
  await expect(unknown.next()).rejects.toEqual(refusal('SUBNET_UNKNOWN'));
});

test('billing holds, posts and voids in batches; a bad item does not touch the others', async () => {
  const fund = {
    case: 'transfer' as const,
    value: { $typeName: 'subnetes.ledger.v1.TransferOrder' as const, to: 'billing:shop', amountRao: '1000' },
  };
  await served.neuron.submitOrder({ order: orderOf(desk, 1n, fund) });
  const hold = (id: string, amount: string) => ({
    id,
    account: 'billing:shop',
    amount: { asset: 'TAO', amount },
    expiresAtBlock: 50n,
  });
  const { results } = await served.billing.createHolds({
    holds: [hold('a', '600'), hold('b', '600'), hold('c', '400')],
  });
  expect(results.map(({ ok, reason }) => [ok, reason])).toEqual([
    [true, ''],
    [false, 'INSUFFICIENT_FUNDS'],
    [true, ''],
  ]);
  const posts = [
    {
      id: 'a/1',
      holdId: 'a',
      close: true,
      parts: [
        { to: desk.address, amountRao: '80', code: 'miner' },
        { to: 'network', amountRao: '2', code: 'network' },
      ],
    },
    { id: 'z/1', holdId: 'z', close: false, parts: [] },
  ];
  const posted = await served.billing.postHolds({ posts });
  expect(posted.results.map(({ ok, reason, remainingRao }) => [ok, reason, remainingRao])).toEqual([
    [true, '', '0'],
    [false, 'HOLD_UNKNOWN', ''],
  ]);
  expect((await served.billing.postHolds({ posts })).results[0]).toMatchObject({ ok: true, repeatedCall: true });
  expect(
    (await served.billing.voidHolds({ holdIds: ['c', 'c'] })).results.map(({ ok, repeatedCall }) => [ok, repeatedCall]),
  ).toEqual([
    [true, false],
    [true, true],
  ]);
  const { balances } = await served.billing.getBalances({ accounts: ['billing:shop', 'network'] });
  expect(balances.map(({ posted: on, held }) => [on?.amount, held?.amount])).toEqual([
    ['918', '0'],
    ['2', '0'],
  ]);
  const { entries } = await served.neuron.listEntries({ account: 'network' });
  expect(entries.map(({ kind, postings }) => [kind, postings.length])).toEqual([['HoldPosted', 3]]);
  expect(await served.neuron.audit({ verifyChain: true })).toMatchObject({ differenceRao: '0', chainVerified: true });
});
