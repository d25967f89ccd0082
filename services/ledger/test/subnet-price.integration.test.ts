import { type Mandate, signMandate } from '@subnetes/keys/mandate';
import type { Sr25519Pair } from '@subnetes/keys/sr25519-pair';
import type { WalletOrder } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { causeOf, CLUSTER, desk, NAMESPACE, owner, putSubnetOf } from './market.ts';
import { genesisOf, type ServedLedger, serveLedger } from './served-ledger.ts';

/** A network that sells subnets and has room for one, as the operator meets it: by mandates alone. */
const TAO = 1_000_000_000n;
const values = genesisOf({
  subnetCreation: {
    minLock: '10',
    reductionIntervalBlocks: 1_000_000,
    rateLimitBlocks: 3,
    immunityBlocks: 5,
    limit: 1,
  },
  subnetRemoval: { noticeBlocks: 50 },
});
const networkId = Buffer.from(values.networkId).toString('hex');

let served: ServedLedger;
beforeEach(async () => {
  served = await serveLedger(values);
});
afterEach(() => served[Symbol.asyncDispose]());

const refusal = (reason: string) => expect.objectContaining({ name: 'RpcError', reason });

function allowing(key: Sr25519Pair, operations: Mandate['operations'], change: Partial<Mandate> = {}) {
  const { address } = key;
  const grantee = { cluster: CLUSTER, namespace: NAMESPACE };
  const bounds = { netuids: [], maxPerOperation: `${50n * TAO}`, maxTotal: `${100n * TAO}`, notAfterBlock: '1000' };
  const terms = { networkId, payer: address, owner: address, grantee, operations, nonce: 'n', ...bounds };
  return signMandate({ ...terms, ...change }, key);
}

const put = (handle: string, mandate: ReturnType<typeof allowing>, maxCreationCostRao = '') =>
  served.operator.putSubnet({ ...putSubnetOf(handle, mandate), maxCreationCostRao });
const keep = (mandate: ReturnType<typeof allowing>, maxCostRao: string) =>
  served.mandates.operator.submitMandated({
    id: 'keep/1',
    order: { order: { case: 'keepSubnet', value: { netuid: 1, maxCostRao } } as WalletOrder['order'] },
    mandate,
    cause: causeOf('Subnet', 'sp500'),
  });

test('a lock is metered by CreateSubnet, a full network tells the lowest, which stays by KeepSubnet', async () => {
  await expect(put('sp500', allowing(owner, ['SetPolicy']))).rejects.toEqual(refusal('MANDATE_NOT_GRANTED'));
  const mine = allowing(owner, ['SetPolicy', 'CreateSubnet', 'KeepSubnet']);
  await expect(put('sp500', mine, `${10n * TAO - 1n}`)).rejects.toEqual(refusal('COST_ABOVE_MAX'));
  const small = allowing(owner, ['SetPolicy', 'CreateSubnet'], { maxTotal: `${9n * TAO}` });
  await expect(put('sp500', small)).rejects.toEqual(refusal('MANDATE_EXHAUSTED'));
  const made = await put('sp500', mine, `${10n * TAO}`);
  expect(made).toMatchObject({
    subnet: { netuid: 1, lockedRao: `${10n * TAO}` },
    mandate: { usedRao: `${10n * TAO}` },
  });
  // The same again costs nothing.
  expect(await put('sp500', mine)).toMatchObject({ subnet: { netuid: 1 }, mandate: { usedRao: `${10n * TAO}` } });

  const theirs = allowing(desk, ['SetPolicy', 'CreateSubnet']);
  await expect(put('gold', theirs)).rejects.toEqual(refusal('SUBNET_LIMIT'));
  await served.produce(6);
  const { subnet, mandate } = await put('gold', theirs);
  expect(subnet).toMatchObject({ netuid: 2, waitsFor: 1 });
  const price = mandate?.usedRao ?? '';
  const { dissolution } = await served.neuron.getSubnet({ by: { case: 'netuid', value: 1 } });
  expect(dissolution).toMatchObject({ phase: 'Announced', newcomerNetuid: 2, newcomerLockRao: price });

  await expect(keep(mine, '1')).rejects.toEqual(refusal('COST_ABOVE_MAX'));
  await expect(keep(theirs, price)).rejects.toEqual(refusal('MANDATE_NOT_GRANTED'));
  const used = `${10n * TAO + BigInt(price)}`;
  expect(await keep(mine, price)).toMatchObject({ repeatedCall: false, mandate: { usedRao: used } });
  expect(await keep(mine, price)).toMatchObject({ repeatedCall: true, mandate: { usedRao: used } });
  const kept = await served.neuron.getSubnet({ by: { case: 'netuid', value: 1 } });
  expect(kept).toMatchObject({ lockedRao: used });
  expect(kept.dissolution).toBeUndefined();
  await served.produce(3);
  const { balances } = await served.neuron.getBalances({ accounts: ['lock:1', 'lock:2'] });
  expect(balances.map(({ posted }) => posted?.amount)).toEqual([used, '0']);
  expect((await served.neuron.audit({})).findings).toEqual([]);
});
