import { signEnvelope } from '@subnetes/keys/envelope';
import { type Invitation, signInvitation } from '@subnetes/keys/invitation';
import { type Mandate, mandateSha256, signMandate } from '@subnetes/keys/mandate';
import type { Sr25519Pair } from '@subnetes/keys/sr25519-pair';
import { EnvelopeType, type SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import type { WalletOrder } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { RegistrationMode } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  bindingOf,
  causeOf,
  CLUSTER,
  desk,
  keyOf,
  NAMESPACE,
  networkId,
  orderOf,
  owner,
  putSubnetOf,
  registerOf,
} from './market.ts';
import { type ServedLedger, serveLedger } from './served-ledger.ts';

const NETWORK_ID = Buffer.from(networkId).toString('hex');

let served: ServedLedger;
let sequence = 0n;

beforeEach(async () => {
  served = await serveLedger();
  sequence = 0n;
});
afterEach(() => served[Symbol.asyncDispose]());

const refusal = (reason: string) => expect.objectContaining({ name: 'RpcError', reason });

/** Fields of an order as the message has them. */
type Order = WalletOrder['order'];

function mandate(change: Partial<Mandate> = {}, key: Sr25519Pair = desk): SignedEnvelope {
  return signMandate(
    {
      networkId: NETWORK_ID,
      payer: key.address,
      owner: key.address,
      grantee: { cluster: CLUSTER, namespace: NAMESPACE },
      operations: ['Register', 'Stake', 'RemoveStake', 'Transfer'],
      netuids: [],
      maxPerOperation: '10000000000',
      maxTotal: '20000000000',
      transferTo: ['billing:shop'],
      notAfterBlock: '1000',
      nonce: 'n',
      ...change,
    },
    key,
  );
}

const order = (key: Sr25519Pair, wanted: object) =>
  served.neuron.submitOrder({ order: orderOf(key, (sequence += 1n), wanted as Order) });
const mandated = (id: string, wanted: object, by = mandate()) =>
  served.mandates.operator.submitMandated({
    id,
    order: { order: wanted as Order },
    mandate: by,
    cause: causeOf('Miner', 'a'),
  });

const transfer = (amountRao: string, to = 'billing:shop') => ({ case: 'transfer', value: { to, amountRao } });

test('orders by mandate are the operator’s to bring, once each, within the limits that the wallet signed', async () => {
  const request = {
    id: 'x',
    order: { order: transfer('5') as Order },
    mandate: mandate(),
    cause: causeOf('Miner', 'a'),
  };
  await expect(served.mandates.wallet.submitMandated(request)).rejects.toEqual(refusal('CALLER_NOT_ALLOWED'));
  const limits = [{ operation: 'Transfer', maxPerOperation: '5', maxTotal: '8' }] as const;
  const by = mandate({ limits });
  const first = await mandated('one', transfer('5'), by);
  expect(first).toMatchObject({ repeatedCall: false, mandate: { usedRao: '5', payer: desk.address } });
  expect(await mandated('one', transfer('5'), by)).toMatchObject({ repeatedCall: true, sequence: first.sequence });
  await expect(mandated('one', transfer('4'), by)).rejects.toEqual(refusal('EXISTS_WITH_DIFFERENT_CONTENT'));
  await expect(mandated('two', transfer('6'), by)).rejects.toEqual(refusal('MANDATE_EXHAUSTED'));
  await expect(mandated('two', transfer('4'), by)).rejects.toEqual(refusal('MANDATE_EXHAUSTED'));
  await expect(mandated('two', transfer('1', owner.address), by)).rejects.toEqual(refusal('MANDATE_NOT_GRANTED'));
  await expect(mandated('two', { case: 'swapColdkey', value: { newColdkey: owner.address } }, by)).rejects.toEqual(
    refusal('MANDATE_NOT_GRANTED'),
  );
  await expect(mandated('two', { case: undefined }, by)).rejects.toEqual(refusal('INVALID_ARGUMENT'));
  const use = await served.mandates.wallet.getMandateUse({ payer: desk.address, mandateSha256: mandateSha256(by) });
  expect(use).toMatchObject({ usedRao: '5', revoked: false, operations: [{ operation: 'Transfer', usedRao: '5' }] });
  await order(desk, { case: 'revokeMandate', value: { mandateSha256: mandateSha256(by) } });
  await expect(mandated('one', transfer('5'), by)).rejects.toEqual(refusal('MANDATE_REVOKED'));
});

test.each<[string, Partial<Mandate>]>([
  ['a limit of what it does not allow', { limits: [{ operation: 'SetTake', maxPerOperation: '1', maxTotal: '1' }] }],
  ['transfers to nobody', { transferTo: [] }],
  ['payees without transfers', { operations: ['Stake'] }],
  ['tokens to sell and no limit of them', { operations: ['SwapSell', 'Transfer'] }],
  ['for another owner more than to pay', { owner: owner.address }],
])('a mandate with %s is none', async (_name, change) => {
  await expect(mandated('one', transfer('1'), mandate(change))).rejects.toEqual(refusal('MALFORMED_MANDATE'));
});

test('a sponsor registers what another owns, once the hotkey names the sponsor’s mandate', async () => {
  await served.operator.putSubnet({ ...putSubnetOf('sp500'), registration: RegistrationMode.SPONSORED });
  const sponsored = signMandate(
    {
      networkId: NETWORK_ID,
      payer: owner.address,
      owner: desk.address,
      grantee: { cluster: CLUSTER, namespace: NAMESPACE },
      operations: ['Register', 'Stake'],
      netuids: [1],
      maxPerOperation: '10000000000',
      maxTotal: '10000000000',
      notAfterBlock: '1000',
      nonce: 's',
    },
    owner,
  );
  const hotkey = keyOf('garch');
  const bound = (text: string) =>
    signEnvelope(
      {
        networkId,
        type: EnvelopeType.HOTKEY_BINDING,
        sequence: 1n,
        expiresAtBlock: 1000n,
        payload: new TextEncoder().encode(text),
      },
      hotkey,
    );
  const register = (binding: SignedEnvelope, by = sponsored) =>
    served.operator.register({ ...registerOf(1, 'garch'), binding, mandate: by, initialStakeRao: '7' });
  await expect(register(bindingOf(hotkey, desk))).rejects.toEqual(refusal('WRONG_SIGNER'));
  await expect(register(bindingOf(hotkey, desk), mandate())).rejects.toEqual(refusal('SPONSOR_NEEDED'));
  await expect(register(bound(`${desk.address} ${'0'.repeat(64)}`))).rejects.toEqual(refusal('WRONG_SIGNER'));
  await expect(register(bound(`${desk.address}  ${'0'.repeat(64)}`))).rejects.toEqual(refusal('MALFORMED_ENVELOPE'));
  const named = `${desk.address} ${Buffer.from(mandateSha256(sponsored)).toString('hex')}`;
  const { neuron } = await register(bound(named));
  expect(neuron).toMatchObject({ coldkey: desk.address, stake: { amount: '7' } });
  await order(desk, { case: 'removeStake', value: { netuid: 1, hotkey: hotkey.address, amountRao: '7' } });
});

test('where the owner approves: requests, approvals and invitations through the door', async () => {
  await served.operator.putSubnet({ ...putSubnetOf('sp500'), registration: RegistrationMode.APPROVAL });
  expect((await served.neuron.getSubnet({ by: { case: 'netuid', value: 1 } })).registration).toBe(
    RegistrationMode.APPROVAL,
  );
  const garch = keyOf('garch').address;
  await expect(served.operator.register(registerOf(1, 'garch'))).rejects.toEqual(refusal('APPROVAL_NEEDED'));
  await order(desk, { case: 'requestRegistration', value: { netuid: 1, hotkey: garch } });
  expect(await served.mandates.wallet.listAdmissions({ netuid: 1 })).toMatchObject({
    requests: [{ hotkey: garch, coldkey: desk.address, untilBlock: 50_400n }],
    approvals: [],
  });
  await expect(order(desk, { case: 'approveRegistration', value: { netuid: 1, hotkey: garch } })).rejects.toEqual(
    refusal('NOT_OWNER'),
  );
  await order(owner, { case: 'approveRegistration', value: { netuid: 1, hotkey: garch } });
  await served.operator.register(registerOf(1, 'garch'));
  const invited = (change: Partial<Invitation> = {}, key = owner) =>
    signInvitation(
      { networkId: NETWORK_ID, netuid: 1, hotkey: '', maxUses: 1, expiresAtBlock: '9', nonce: 'i', ...change },
      key,
    );
  const bring = (name: string, invitation: SignedEnvelope) =>
    served.operator.register({ ...registerOf(1, name), invitation });
  const invalid = refusal('INVITATION_INVALID');
  await expect(bring('ar', invited({}, desk))).rejects.toEqual(invalid);
  await expect(bring('ar', invited({ networkId: 'f'.repeat(64) }))).rejects.toEqual(invalid);
  await expect(bring('ar', { ...invited(), signature: new Uint8Array(64) })).rejects.toEqual(invalid);
  await bring('ar', invited());
  await expect(bring('ma', invited())).rejects.toEqual(invalid);
  const binding = bindingOf(keyOf('ma'), desk);
  const value = { netuid: 1, binding, maxCostRao: '2000000000', attempt: 1n, invitation: invited({ nonce: 'j' }) };
  await order(desk, { case: 'register', value });
  await served.produce(10);
  await expect(bring('late', invited({ nonce: 'k' }))).rejects.toEqual(invalid);
});

test('a lineage and a swapped key are seen by whoever asks', async () => {
  const { hotkey } = await served.market();
  await served.operator.register(registerOf(1, 'ar'));
  const children = [{ hotkey: keyOf('ar').address, proportion: (1n << 64n) - 1n }];
  await order(desk, { case: 'setChildren', value: { netuid: 1, hotkey, children } });
  expect(await served.mandates.wallet.getLineage({ netuid: 1, hotkey })).toMatchObject({
    children: [],
    pending: children,
    pendingFromBlock: 7200n,
    heldRao: '0',
  });
  const next = keyOf('next');
  const bound = (to: Sr25519Pair) => ({
    case: 'swapHotkey',
    value: { hotkey, binding: bindingOf(next, to), netuid: 1 },
  });
  await expect(order(desk, bound(owner))).rejects.toEqual(refusal('WRONG_SIGNER'));
  await order(desk, bound(desk));
  const { neuron } = await served.neuron.getRegistration({ netuid: 1, hotkey: next.address });
  expect(neuron).toMatchObject({ uid: 0, hotkey: next.address });
  expect(await served.neuron.getRegistration({ netuid: 1, hotkey })).toMatchObject({ endReason: 'Swapped' });
  await order(desk, { case: 'announceColdkeySwap', value: { newColdkeySha256: new Uint8Array(32) } });
  expect(await served.mandates.wallet.getColdkeySwap({ coldkey: desk.address })).toMatchObject({
    announced: true,
    fromBlock: 36_000n,
    disputed: false,
  });
  await expect(order(desk, transfer('1'))).rejects.toEqual(refusal('KEY_SWAP_PENDING'));
  await expect(served.operator.register(registerOf(1, 'ma'))).rejects.toEqual(refusal('KEY_SWAP_PENDING'));
  await order(desk, { case: 'disputeColdkeySwap', value: {} });
  expect(await served.mandates.wallet.getColdkeySwap({ coldkey: desk.address })).toMatchObject({ disputed: true });
});
