import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { credentials } from '@grpc/grpc-js';
import { GRPCInferenceService } from '@subnetes/proto/gen/inference/grpc_service_pb';
import { createRpcClient } from '@subnetes/proto/grpc-client';
import { waitFor } from '@subnetes/testkit/processes';
import { infer, invoices, openAccount, startMarket, WINDOW, type TestMarket } from './market-fixture.ts';
import { MODEL, PRICE_RAO } from './ledger-stub.ts';
import type { Fault } from './fake-miner.ts';

const BUF = path.resolve(import.meta.dirname, '../../../node_modules/.bin/buf');
const CURL = ['curl', '--protocol', 'grpc', '--http2-prior-knowledge'];

let market: TestMarket;
let key: string;
beforeAll(async () => {
  market = await startMarket();
  key = (await openAccount(market, 'research', 10_000_000n)).secret;
  await market.isSelling();
});
afterAll(() => market[Symbol.asyncDispose]());

const settled = (secret: string, lines: number) =>
  waitFor(`${lines} invoice lines`, async () => {
    const found = await invoices(market, secret);
    return found[0]?.lineCount === lines ? found[0] : undefined;
  });

describe('an answered request', () => {
  test('carries who, why, cost and receipt, and ends as one invoice line with 80, 18 and 2 %', async () => {
    const { secret } = await openAccount(market, 'first', 10_000_000n);
    const answer = await infer(market, secret);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ model_name: MODEL, outputs: [{ name: 'quantiles', data: [-0.1, 0, 0.1] }] });
    expect(answer.headers.get('x-subnetes-served-by')).toMatch(/^sp500\/[34]\/5/);
    expect(answer.headers.get('x-subnetes-next')).toMatch(/^sp500\/[34]\/5/);
    expect(answer.headers.get('x-subnetes-why')).toMatch(/^incentive 0\.000, \d+ ms, 2000 rao$/);
    expect(answer.headers.get('x-subnetes-cost-rao')).toBe('2000');
    expect(answer.headers.get('x-subnetes-attempts')).toBe('1');
    const invoice = await settled(secret, 1);
    expect(invoice).toMatchObject({ id: expect.stringMatching(/^inv-\d{6}$/), totalRao: '2000' });
    expect(invoice.lines[0]).toMatchObject({
      amountRao: '2000',
      minerRao: '1600',
      ownerRao: '360',
      networkRao: '40',
      receiptId: answer.headers.get('x-subnetes-receipt'),
    });
    expect(market.ledger.posted.get('billing:first')).toBe(10_000_000n - PRICE_RAO);
  });

  test('over gRPC is the same answer, typed or raw, and the same price', async () => {
    const { secret } = await openAccount(market, 'grpc', 10_000_000n);
    using client = createRpcClient(GRPCInferenceService, {
      address: `127.0.0.1:${market.ports.inference}`,
      credentials: credentials.createInsecure(),
    });
    const input = { name: 'closes', datatype: 'FP64', shape: [2n] };
    const headers = { authorization: `Bearer ${secret}` };
    const typed = await client.modelInfer(
      { modelName: MODEL, inputs: [{ ...input, contents: { fp64Contents: [1.5, 2.5] } }] },
      { headers },
    );
    expect(typed.outputs[0]?.contents?.fp64Contents).toEqual([-0.1, 0, 0.1]);
    expect(typed.parameters['x-subnetes-cost-rao']?.parameterChoice.value).toBe('2000');
    const raw = new Uint8Array(new Float64Array([1.5, 2.5]).buffer);
    const answered = await client.modelInfer(
      { modelName: MODEL, inputs: [input], rawInputContents: [raw] },
      { headers },
    );
    const [bytes] = answered.rawOutputContents;
    expect([...new Float64Array(new Uint8Array(bytes!).buffer)]).toEqual([-0.1, 0, 0.1]);
    await settled(secret, 2);
  });

  test('over gRPC needs no protobuf file: a client learns the call from the gateway', async () => {
    const { secret } = await openAccount(market, 'reflection', 10_000_000n);
    const input = { name: 'closes', datatype: 'FP64', shape: [2], contents: { fp64Contents: [1.5, 2.5] } };
    const url = `http://127.0.0.1:${market.ports.inference}/inference.GRPCInferenceService/ModelInfer`;
    const key = ['--header', `authorization: Bearer ${secret}`];
    const data = ['--data', JSON.stringify({ modelName: MODEL, inputs: [input] })];
    const { stdout } = await promisify(execFile)(BUF, [...CURL, ...key, ...data, url]);
    const answer = JSON.parse(stdout) as { outputs: readonly { contents: { fp64Contents: readonly number[] } }[] };
    expect(answer.outputs[0]?.contents.fp64Contents).toEqual([-0.1, 0, 0.1]);
    await settled(secret, 1);
  });
});

describe('refusals', () => {
  test.for([
    ['no key', undefined, WINDOW, 401, 'missing_api_key', null],
    ['a wrong key', `sn_${'0'.repeat(16)}_${'A'.repeat(43)}`, WINDOW, 401, 'invalid_api_key', null],
    ['no JSON', 'own', 'hello', 400, 'invalid_request', 'body'],
    ['no inputs', 'own', '{}', 400, 'invalid_request', 'inputs'],
    ['a wrong datatype', 'own', WINDOW.replace('FP64', 'FLOAT'), 400, 'invalid_request', 'inputs[0].datatype'],
    ['a shape that does not fit', 'own', WINDOW.replace('[3]', '[4]'), 400, 'invalid_request', 'inputs[0].data'],
    ['a body that is too large', 'own', `"${'x'.repeat(70_000)}"`, 413, 'body_too_large', null],
  ] as const)('%s', async ([, secret, body, status, code, param]) => {
    const answer = await infer(market, secret === 'own' ? key : secret, body);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ error: { code, param, doc: `/errors#${code}`, message: expect.any(String) } });
    expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.ts:|at /);
  });

  test('an unknown model and an unknown version are 404', async () => {
    for (const path of ['sp500.nothing', 'other.forecast', `${MODEL}/versions/9`]) {
      const answer = await fetch(`http://127.0.0.1:${market.ports.http}/v2/models/${path}/infer`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}` },
        body: WINDOW,
      });
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ error: { code: 'model_not_found' } });
    }
  });

  test('an account without money is told to transfer', async () => {
    const { secret } = await openAccount(market, 'poor', 1999n);
    const answer = await infer(market, secret);
    expect(answer.status).toBe(402);
    expect(answer.body).toMatchObject({ error: { code: 'budget_exhausted' } });
  });

  test('an account spends exactly what it has', async () => {
    const { secret } = await openAccount(market, 'exact', 2n * PRICE_RAO);
    const statuses = [];
    for (let call = 0; call < 3; call += 1) statuses.push((await infer(market, secret)).status);
    expect(statuses).toEqual([200, 200, 402]);
    await settled(secret, 2);
    expect(market.ledger.posted.get('billing:exact')).toBe(0n);
  });

  test('gRPC names the field', async () => {
    using client = createRpcClient(GRPCInferenceService, {
      address: `127.0.0.1:${market.ports.inference}`,
      credentials: credentials.createInsecure(),
    });
    const wrong = client.modelInfer(
      {
        modelName: MODEL,
        inputs: [{ name: 'closes', datatype: 'FP64', shape: [3n], contents: { fp64Contents: [1] } }],
      },
      { headers: { authorization: `Bearer ${key}` } },
    );
    await expect(wrong).rejects.toMatchObject({ code: 3, fieldViolations: [{ field: 'inputs[0].data' }] });
    const keyless = client.modelInfer({ modelName: MODEL, inputs: [] });
    await expect(keyless).rejects.toMatchObject({ code: 16, reason: 'MISSING_API_KEY' });
  });
});

describe('miners that fail', () => {
  const faults: readonly Fault[] = ['nan', 'status', 'reset', 'slow', 'forged', 'no-receipt', 'truncated'];

  test.for(faults)('one that is %s is replaced before the client sees a byte', async (fault) => {
    const [broken, sound] = market.miners;
    broken.fault = fault;
    try {
      for (let call = 0; call < 4; call += 1) {
        const answer = await infer(market, key);
        expect(answer.status).toBe(200);
        expect(answer.headers.get('x-subnetes-served-by')).toContain(sound.hotkey);
      }
    } finally {
      broken.fault = 'none';
    }
  });

  test('with none left the answer is an error, and nothing is charged', async () => {
    const { secret } = await openAccount(market, 'unlucky', 1_000_000n);
    for (const miner of market.miners) miner.fault = 'nan';
    try {
      const answer = await infer(market, secret);
      expect(answer.status).toBe(502);
      expect(answer.body).toMatchObject({ error: { code: 'invalid_answer' } });
    } finally {
      for (const miner of market.miners) miner.fault = 'none';
    }
    expect((await infer(market, secret)).status).toBe(200);
    await settled(secret, 1);
    expect(market.ledger.posted.get('billing:unlucky')).toBe(1_000_000n - PRICE_RAO);
  });

  test('what the model finds wrong with the input is told, and costs nothing', async () => {
    const { secret } = await openAccount(market, 'wrong-input', 1_000_000n);
    for (const miner of market.miners) miner.fault = 'refuses';
    try {
      const answer = await infer(market, secret);
      expect(answer).toMatchObject({ status: 400, body: { error: 'closes: too short' } });
      expect(answer.headers.get('x-subnetes-cost-rao')).toBe('0');
    } finally {
      for (const miner of market.miners) miner.fault = 'none';
    }
    expect((await infer(market, secret)).status).toBe(200);
    await settled(secret, 1);
  });
});

test('metrics and readiness are served', async () => {
  const text = await (await fetch(`http://127.0.0.1:${market.ports.health}/metrics`)).text();
  expect(text).toMatch(/subnetes_gateway_healthy_endpoints\{subnet="1"\} 2/);
  expect(text).toMatch(/subnetes_gateway_upstream_attempts_total\{subnet="1",outcome="ok"\} [1-9]/);
});
