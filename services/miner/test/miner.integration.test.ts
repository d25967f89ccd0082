import { fromBinary } from '@bufbuild/protobuf';
import { createHash, X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import { once } from 'node:events';
import { HANDSHAKE_PATH } from '@subnetes/keys/request-session';
import { verifyEnvelope } from '@subnetes/keys/envelope';
import { EnvelopeType, SignedEnvelopeSchema } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { MinerReceiptSchema } from '@subnetes/proto/gen/subnetes/gateway/v1/gateway_pb';
import { AnnouncementSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  BLOCK,
  INFER,
  gatewayGreeting,
  greeting,
  minerRegistration,
  networkId,
  openBench,
  openSession,
  post,
  question,
} from './miner-bench.ts';
import type { Bench } from './miner-bench.ts';

const closes = Array.from({ length: 300 }, (_, day) => 2000 * Math.exp(0.01 * Math.sin(day)));
let bench: Bench;

beforeAll(async () => {
  bench = await openBench();
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
});

describe('answers', () => {
  test.for(['validator', 'gateway'])('a %s gets a forecast and a receipt that holds', async (who) => {
    const session = await openSession(bench, who === 'gateway' ? gatewayGreeting(bench) : greeting(bench));
    const body = question(closes);
    const response = await post(bench, INFER, {
      body,
      headers: session.headersFor(INFER, body, { requestId: `r-${who}` }),
    });
    expect(response.status).toBe(200);
    const { outputs, id } = JSON.parse(response.body.toString());
    expect([id, outputs[0].name, outputs[0].shape, outputs[0].data.length]).toEqual(['q', 'quantiles', [2, 19], 38]);

    const receipt = fromBinary(
      SignedEnvelopeSchema,
      Buffer.from(String(response.headers['x-subnetes-miner-receipt']), 'base64'),
    );
    const demand = {
      networkId,
      type: EnvelopeType.RECEIPT,
      block: BLOCK,
      registrationId: minerRegistration,
      signer: bench.hotkey.address,
    };
    expect(verifyEnvelope(receipt, demand)).toMatchObject({ ok: true });
    const content = fromBinary(MinerReceiptSchema, receipt.payload);
    const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');
    expect(Buffer.from(content.requestSha256).toString('hex')).toBe(sha256(body));
    expect(Buffer.from(content.responseSha256).toString('hex')).toBe(sha256(response.body));
    expect([content.requestId, content.model, content.block]).toEqual([`r-${who}`, 'sp500.forecast', BLOCK]);
  });

  test('the accept is signed by the miner for this greeting', async () => {
    const { envelope, accept } = await openSession(bench);
    const demand = {
      networkId,
      type: EnvelopeType.HANDSHAKE,
      block: BLOCK,
      registrationId: minerRegistration,
      signer: bench.hotkey.address,
    };
    expect(verifyEnvelope(envelope, demand)).toMatchObject({ ok: true });
    expect(accept.helloSha256.length).toBe(32);
  });

  test('metadata and health come without a session', async () => {
    const get = async (path: string) => {
      const response = await request(bench.url + path, { dispatcher: bench.agent });
      return { status: response.statusCode, json: (await response.body.json()) as object };
    };
    expect(await get('/v2/models/forecast')).toMatchObject({
      status: 200,
      json: { inputs: [{ name: 'closes', datatype: 'FP64', shape: [-1] }] },
    });
    expect((await get('/v2/models/forecast/ready')).status).toBe(200);
    expect((await get('/v2/models/other/ready')).status).toBe(404);
    expect((await get('/v2/health/ready')).json).toMatchObject({ ready: true });
    expect((await get('/else')).status).toBe(404);
  });
});

describe('the endpoint', () => {
  test('is announced under the hotkey with the hash of the key that TLS shows', async () => {
    const [announcement] = bench.announced;
    const demand = { networkId, type: EnvelopeType.ANNOUNCE, block: BLOCK, registrationId: minerRegistration };
    expect(verifyEnvelope(announcement, demand)).toMatchObject({ ok: true, signer: bench.hotkey.address });
    const content = fromBinary(AnnouncementSchema, announcement?.payload ?? new Uint8Array());
    expect(content.urls).toEqual(['https://garch.finance.svc:8443']);
    const socket = connect({ port: bench.miner.port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const certificate = new X509Certificate(socket.getPeerCertificate().raw);
    socket.destroy();
    const spki = certificate.publicKey.export({ format: 'der', type: 'spki' });
    expect(createHash('sha256').update(spki).digest()).toEqual(Buffer.from(content.spkiSha256));
    expect(certificate.verify(certificate.publicKey)).toBe(true);
  });
});

describe('a greeting is refused', () => {
  const refused = async (body: Uint8Array) => {
    const response = await post(bench, HANDSHAKE_PATH, { body, headers: { 'content-type': 'application/x-protobuf' } });
    return [response.status, JSON.parse(response.body.toString()).code];
  };

  test('that is no protobuf, or too large', async () => {
    expect(await refused(Buffer.from('hello'))).toEqual([401, 'MALFORMED_HANDSHAKE']);
    expect((await refused(new Uint8Array(9000)))[0]).toBe(413);
  });

  test.for([
    ['forged', { envelope: { signature: new Uint8Array(64) } }, 'BAD_SIGNATURE'],
    ['for a foreign network', { network: new Uint8Array(32) }, 'WRONG_NETWORK'],
    ['expired', { expiresAtBlock: BLOCK - 1n }, 'ENVELOPE_EXPIRED'],
    ['of a stranger', { envelope: { registrationId: new Uint8Array(32).fill(9) } }, 'NOT_A_VALIDATOR'],
    ['of a miner', { envelope: { registrationId: minerRegistration } }, 'NOT_A_VALIDATOR'],
    ['of an unknown gateway', { envelope: { signer: 'gateway' } }, 'UNKNOWN_GATEWAY'],
    ['for another miner', { hello: { minerHotkey: 'x' } }, 'WRONG_MINER'],
    ['from the past', { hello: { timeMs: BigInt(Date.now() - 60_000) } }, 'WRONG_TIME'],
    ['from the future', { hello: { timeMs: BigInt(Date.now() + 60_000) } }, 'WRONG_TIME'],
    ['with a short nonce', { hello: { nonce: new Uint8Array(2) } }, 'MALFORMED_HANDSHAKE'],
    ['with a useless key', { hello: { ephemeralPublicKey: new Uint8Array(32) } }, 'MALFORMED_HANDSHAKE'],
  ] as const)('that is %s', async ([, changes, reason]) => {
    expect(await refused(greeting(bench, changes).body)).toEqual([401, reason]);
  });

  test('that came before', async () => {
    const { body } = greeting(bench);
    const first = await post(bench, HANDSHAKE_PATH, { body });
    expect([first.status, await refused(body)]).toEqual([200, [401, 'REPLAYED']]);
  });
});

describe('a request is refused', () => {
  const body = question(closes);
  const ask = async (headers: Record<string, string>, asked = body, path = INFER) => {
    const response = await post(bench, path, { body: asked, headers });
    return [response.status, JSON.parse(response.body.toString())] as const;
  };

  test('without, with a foreign and with a changed signature', async () => {
    const { headersFor } = await openSession(bench);
    expect((await ask({}))[1].code).toBe('SIGNATURE_MISSING');
    expect((await ask({ ...headersFor(INFER, body), 'x-subnetes-session': 'AAAA' }))[1].code).toBe('SESSION_UNKNOWN');
    expect((await ask(headersFor(INFER, body), question([1])))[1].code).toBe('BAD_SIGNATURE');
    expect((await ask(headersFor('/v2/models/x/infer', body)))[1].code).toBe('BAD_SIGNATURE');
  });

  test('out of time and when it comes again', async () => {
    const { headersFor } = await openSession(bench);
    expect((await ask(headersFor(INFER, body, { timestampMs: Date.now() - 11_000 })))[1].code).toBe('WRONG_TIME');
    expect((await ask(headersFor(INFER, body, { timestampMs: Date.now() + 60_000 })))[1].code).toBe('WRONG_TIME');
    const headers = headersFor(INFER, body);
    expect((await ask(headers))[0]).toBe(200);
    expect(await ask(headers)).toMatchObject([401, { code: 'REPLAYED' }]);
  });

  test('with its field where it is malformed', async () => {
    const { headersFor } = await openSession(bench);
    for (const [asked, error] of [
      ['{', 'the body is no JSON'],
      ['{}', 'inputs must be a list of at most 16 tensors'],
      [question([]), 'inputs[0].shape must be a list of whole numbers from 1 to 512'],
      [question([1, Number.NaN]), 'inputs[0].data[1] must be a finite number'],
    ] as const) {
      expect(await ask(headersFor(INFER, asked), asked)).toMatchObject([400, { error }]);
    }
    const other = '/v2/models/other/infer';
    expect((await ask(headersFor(other, body), body, other))[0]).toBe(404);
  });

  test('when its body is too large', async () => {
    const { headersFor } = await openSession(bench);
    const large = 'x'.repeat(300_000);
    expect((await ask(headersFor(INFER, large), large))[0]).toBe(413);
  });
});

test('what happened is counted', async () => {
  const text = await bench.metrics.text();
  expect(text).toMatch(/subnetes_miner_inferences_total\{model="sp500.forecast",outcome="answer"\} [1-9]/);
  expect(text).toMatch(/subnetes_miner_handshakes_total\{result="BAD_SIGNATURE"\} 1/);
  expect(text).toMatch(/subnetes_miner_invalid_requests_total\{reason="REPLAYED"\} 1/);
});
