import { create, toBinary } from '@bufbuild/protobuf';
import { networkIdOf } from '@subnetes/keys/canonical-hash';
import { signEnvelope, signWithSession } from '@subnetes/keys/envelope';
import { mandateSha256 } from '@subnetes/keys/mandate';
import { certifySessionKey, newSessionKey } from '@subnetes/keys/session-key';
import { EnvelopeType, type SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { AnnouncementSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { desk, genesis, keyOf, mandateOf, networkId, orderOf, owner, putSubnetOf, registerOf } from './market.ts';
import { type ServedLedger, serveLedger } from './served-ledger.ts';

let served: ServedLedger;

beforeEach(async () => {
  served = await serveLedger();
});
afterEach(async () => {
  await served[Symbol.asyncDispose]();
});

const refusal = (reason: string) => expect.objectContaining({ name: 'RpcError', reason });

test('what a mandate does not allow is refused with the reason', async () => {
  const bad = async (mandate: SignedEnvelope | undefined) => {
    const { mandate: _mandate, ...request } = putSubnetOf('sp500');
    return served.operator.putSubnet(mandate === undefined ? request : { ...request, mandate });
  };
  await expect(bad(undefined)).rejects.toEqual(refusal('NO_MANDATE'));
  await expect(bad(mandateOf(owner, { namespace: 'other' }))).rejects.toEqual(refusal('MANDATE_NOT_GRANTED'));
  await expect(bad(mandateOf(owner, { operations: ['Register'] }))).rejects.toEqual(refusal('MANDATE_NOT_GRANTED'));
  const forged = { ...mandateOf(owner), signer: desk.address };
  await expect(bad(forged)).rejects.toEqual(refusal('BAD_SIGNATURE'));
  await served.produce(5);
  await expect(bad(mandateOf(owner, { notAfterBlock: '4' }))).rejects.toEqual(refusal('MANDATE_EXPIRED'));
  await bad(mandateOf(owner));
  const dear = registerOf(1, 'garch', { mandate: mandateOf(desk, { maxTotal: '1' }) });
  await expect(served.operator.register(dear)).rejects.toEqual(refusal('MANDATE_EXHAUSTED'));
});

test('an order of a wallet is carried out once, and only as it was signed', async () => {
  const order = (amountRao: string) => ({
    case: 'transfer' as const,
    value: { $typeName: 'subnetes.ledger.v1.TransferOrder' as const, to: 'billing:shop', amountRao },
  });
  const submit = (envelope: SignedEnvelope) => served.neuron.submitOrder({ order: envelope });
  const signed = orderOf(desk, 1n, order('5'));
  const foreign = { ...genesis, blockReward: '2' };
  await expect(submit({ ...signed, payload: orderOf(desk, 1n, order('6')).payload })).rejects.toEqual(
    refusal('BAD_SIGNATURE'),
  );
  await expect(submit({ ...signed, signer: owner.address })).rejects.toEqual(refusal('BAD_SIGNATURE'));
  await expect(submit({ ...signed, sequence: 2n })).rejects.toEqual(refusal('BAD_SIGNATURE'));
  await expect(submit({ ...signed, signature: new Uint8Array() })).rejects.toEqual(refusal('BAD_SIGNATURE'));
  const elsewhere = signEnvelope({ ...signed, networkId: networkIdOf(foreign) }, desk);
  await expect(submit(elsewhere)).rejects.toEqual(refusal('WRONG_NETWORK'));
  await expect(submit({ ...elsewhere, networkId: new Uint8Array() })).rejects.toEqual(refusal('BAD_SIGNATURE'));
  await expect(submit({ ...elsewhere, networkId: signed.networkId })).rejects.toEqual(refusal('BAD_SIGNATURE'));
  await expect(submit(mandateOf(desk))).rejects.toEqual(refusal('WRONG_ENVELOPE_TYPE'));
  expect((await submit(signed)).sequence).toBe(2n);
  await expect(submit(signed)).rejects.toEqual(refusal('ENVELOPE_REPLAYED'));
  await expect(submit(orderOf(desk, 1n, order('7')))).rejects.toEqual(refusal('ENVELOPE_REPLAYED'));
  await served.produce(3);
  await expect(submit(orderOf(desk, 9n, order('7'), 2n))).rejects.toEqual(refusal('ENVELOPE_EXPIRED'));
  const { balances } = await served.neuron.getBalances({ accounts: ['billing:shop', desk.address] });
  expect(balances.map(({ posted }) => posted?.amount)).toEqual(['5', '19999999999995']);
  const misdirected = {
    case: 'transfer' as const,
    value: { $typeName: 'subnetes.ledger.v1.TransferOrder' as const, to: 'pot:1', amountRao: '1' },
  };
  await expect(submit(orderOf(desk, 10n, misdirected))).rejects.toEqual(refusal('INVALID_ARGUMENT'));
});

test('a revoked mandate is over, and a wallet registers by itself', async () => {
  await served.operator.putSubnet(putSubnetOf('sp500'));
  const mandate = mandateOf(desk);
  const revoke = {
    case: 'revokeMandate' as const,
    value: { $typeName: 'subnetes.ledger.v1.RevokeMandateOrder' as const, mandateSha256: mandateSha256(mandate) },
  };
  await served.neuron.submitOrder({ order: orderOf(desk, 1n, revoke) });
  await expect(served.operator.register(registerOf(1, 'garch'))).rejects.toEqual(refusal('MANDATE_REVOKED'));
  const { binding, maxCostRao, attempt } = registerOf(1, 'garch');
  const register = {
    case: 'register' as const,
    value: {
      $typeName: 'subnetes.ledger.v1.RegisterOrder' as const,
      netuid: 1,
      binding,
      maxCostRao,
      attempt,
      initialStakeRao: '',
    },
  };
  const done = await served.neuron.submitOrder({ order: orderOf(desk, 2n, register) });
  expect(done.neuron).toMatchObject({ uid: 0, coldkey: desk.address });
  expect(done.neuron?.managedBy).toBeUndefined();
  const adopted = await served.operator.register(registerOf(1, 'garch', { mandate: mandateOf(desk, { nonce: 'n2' }) }));
  expect(adopted).toMatchObject({ alreadyRegistered: true, neuron: { managedBy: { name: 'garch' } } });
});

test('a neuron announces itself by a session key, and nobody else for it', async () => {
  const registered = await served.market();
  const hotkey = keyOf('garch');
  const session = newSessionKey();
  const terms = { networkId, registrationId: registered.registrationId, sequence: 1n, expiresAtBlock: 1000n };
  const certificate = certifySessionKey(hotkey, session.publicKey, terms);
  const announcement = (change: { sequence?: bigint; registrationId?: Uint8Array; expiresAtBlock?: bigint } = {}) => ({
    ...terms,
    type: EnvelopeType.ANNOUNCE,
    payload: toBinary(
      AnnouncementSchema,
      create(AnnouncementSchema, {
        urls: ['https://garch.finance.svc:8443'],
        spkiSha256: new Uint8Array(32),
        protocols: ['kserve-v2-rest'],
      }),
    ),
    ...change,
  });
  const send = (envelope: SignedEnvelope) => served.neuron.announce({ netuid: 1, announcement: envelope });
  const { endpoint } = await send(signWithSession(announcement(), session, certificate));
  expect(endpoint).toMatchObject({
    uid: 0,
    hotkey: hotkey.address,
    urls: ['https://garch.finance.svc:8443'],
    sequence: 1n,
  });
  await expect(send(signWithSession(announcement(), newSessionKey(), certificate))).rejects.toEqual(
    refusal('BAD_SIGNATURE'),
  );
  await expect(send(signEnvelope(announcement({ sequence: 2n }), desk))).rejects.toEqual(refusal('NOT_REGISTERED'));
  const earlier = announcement({ sequence: 2n, registrationId: new Uint8Array(32) });
  await expect(send(signEnvelope(earlier, hotkey))).rejects.toEqual(refusal('WRONG_REGISTRATION'));
  await expect(send(signEnvelope(announcement({ expiresAtBlock: 999n }), hotkey))).rejects.toEqual(
    refusal('ENVELOPE_REPLAYED'),
  );
  expect((await send(signEnvelope(announcement({ sequence: 2n }), hotkey))).endpoint?.sequence).toBe(2n);
});
