import { type Mandate, mandateSha256, signMandate } from '@subnetes/keys/mandate';
import type { WalletOrder } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { causeOf, CLUSTER, desk, mandateOf, NAMESPACE, owner, putSubnetOf, registerOf } from './market.ts';
import { genesisOf, type ServedLedger, serveLedger } from './served-ledger.ts';

const TAO = 1_000_000_000n;
const values = genesisOf({
  governance: { deposit: '10', votingBlocks: 5, timelockBlocks: 2, quorumPpm: 100_000 },
  subnetTokens: { type: 'Balancer', initialLiquidity: '100' },
});
const { networkId } = values;

let served: ServedLedger;
beforeEach(async () => {
  served = await serveLedger(values);
  await served.operator.putSubnet(putSubnetOf('sp500', mandateOf(owner, { networkId })));
  const mandate = mandateOf(desk, { networkId });
  await served.operator.register(registerOf(1, 'garch', { stakeRao: (100n * TAO).toString(), mandate, networkId }));
});
afterEach(() => served[Symbol.asyncDispose]());

const refusal = (reason: string) => expect.objectContaining({ name: 'RpcError', reason });

function allowing(operations: Mandate['operations'], change: Partial<Mandate> = {}) {
  const grantee = { cluster: CLUSTER, namespace: NAMESPACE };
  const bounds = { netuids: [], maxPerOperation: `${20n * TAO}`, maxTotal: `${50n * TAO}`, notAfterBlock: '1000' };
  const { address } = desk;
  const terms = { networkId: Buffer.from(networkId).toString('hex'), payer: address, owner: address, grantee };
  return signMandate({ ...terms, ...bounds, operations, nonce: 'n', ...change }, desk);
}

function submit(id: string, name: string, value: object, mandate: ReturnType<typeof allowing>) {
  const order = { order: { case: name, value } as WalletOrder['order'] };
  return served.mandates.operator.submitMandated({ id, order, mandate, cause: causeOf('Miner', 'garch') });
}

test('a namespace proposes and votes by mandate, once each, and the journal keeps under which key', async () => {
  const by = allowing(['Propose', 'Vote']);
  const action = { action: { case: 'hyperparameters', value: { netuid: 1, kappaU16: 40_000 } } };
  const proposal = { title: 'A lower kappa', action };
  const first = await submit('p1', 'propose', proposal, by);
  expect(first).toMatchObject({ repeatedCall: false, mandate: { usedRao: `${10n * TAO}` } });
  expect(await submit('p1', 'propose', proposal, by)).toMatchObject({ repeatedCall: true, sequence: first.sequence });
  await submit('v1', 'vote', { proposal: 1n, choice: 'Yes' }, by);
  await expect(submit('v2', 'vote', { proposal: 1n, choice: 'Yes' }, by)).rejects.toEqual(refusal('VOTED_ALREADY'));
  await expect(submit('x', 'veto', { proposal: 1n }, by)).rejects.toEqual(refusal('MANDATE_NOT_GRANTED'));
  await expect(submit('x', 'claimGrant', { grant: 1n }, by)).rejects.toEqual(refusal('MANDATE_NOT_GRANTED'));
  expect(await served.governance.getVote({ proposal: 1n, wallet: desk.address })).toMatchObject({ choice: 'Yes' });
  await served.signCheckpoint();
  const sha256 = Buffer.from(mandateSha256(by)).toString('hex');
  const key = `mandated:${desk.address}/${sha256}:p1`;
  const { entry } = await served.neuron.getInclusionProof({ by: { case: 'key', value: key } });
  expect(entry).toMatchObject({ sequence: first.sequence, kind: 'OrderPropose' });
  expect(JSON.parse(entry?.payloadJson ?? '')).toMatchObject({ mandateSha256: sha256, orderId: 'p1' });
});

test('a namespace trades by mandate: rao of the whole, tokens of a limit for each of them', async () => {
  const limits = [{ operation: 'SwapSell', maxPerOperation: `${2n * TAO}`, maxTotal: `${3n * TAO}` }] as const;
  const by = allowing(['SwapBuy', 'SwapSell'], { limits });
  const buy = { netuid: 1, amountRao: `${10n * TAO}`, minOut: '1' };
  expect(await submit('b1', 'swapBuy', buy, by)).toMatchObject({ mandate: { usedRao: `${10n * TAO}` } });
  const sell = { netuid: 1, amount: `${2n * TAO}`, minOutRao: '1' };
  expect(await submit('s1', 'swapSell', sell, by)).toMatchObject({ mandate: { usedRao: `${10n * TAO}` } });
  await expect(submit('s2', 'swapSell', sell, by)).rejects.toEqual(refusal('MANDATE_EXHAUSTED'));
  await expect(submit('s2', 'swapSell', { ...sell, amount: '' }, by)).rejects.toEqual(refusal('INVALID_ARGUMENT'));
  const unbounded = { ...sell, amount: '1', minOutRao: '' };
  await expect(submit('s2', 'swapSell', unbounded, by)).rejects.toEqual(refusal('SLIPPAGE_UNBOUNDED'));
  const asked = { payer: desk.address, mandateSha256: mandateSha256(by) };
  expect(await served.mandates.wallet.getMandateUse(asked)).toMatchObject({
    usedRao: `${10n * TAO}`,
    operations: [{ operation: 'SwapSell', asset: 'ALPHA1', usedRao: `${2n * TAO}` }],
  });
  await expect(submit('x', 'swapSell', sell, allowing(['SwapSell']))).rejects.toEqual(refusal('MALFORMED_MANDATE'));
  expect((await served.neuron.audit({})).findings).toEqual([]);
});
