import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { request } from 'undici';
import { expect, test } from 'vitest';
import { apiKey, endpoints } from './market.ts';

const GOOD = { inputs: [{ name: 'closes', datatype: 'FP64', shape: [3], data: [2789.8, 2846.1, 2874.6] }] };

async function ask(body: string, change: { readonly key?: string; readonly model?: string } = {}) {
  const response = await request(`${endpoints().gateway}/v2/models/${change.model ?? 'sp500.forecast'}/infer`, {
    method: 'POST',
    headers: { authorization: `Bearer ${change.key ?? apiKey()}`, 'content-type': 'application/json' },
    body,
  });
  return { status: response.statusCode, text: await response.body.text() };
}

test('a good request is answered', async () => {
  expect(await ask(JSON.stringify(GOOD))).toMatchObject({ status: 200 });
});

test.for([
  { name: 'no JSON', body: '{"inputs": [', change: {}, status: 400 },
  { name: 'no inputs', body: '{}', change: {}, status: 400 },
  {
    name: 'a wrong shape',
    body: JSON.stringify({ inputs: [{ ...GOOD.inputs[0], shape: [4] }] }),
    change: {},
    status: 400,
  },
  {
    name: 'an unknown datatype',
    body: JSON.stringify({ inputs: [{ ...GOOD.inputs[0], datatype: 'COMPLEX' }] }),
    change: {},
    status: 400,
  },
  { name: 'a wrong key', body: JSON.stringify(GOOD), change: { key: 'sn_0000000000000000_x' }, status: 401 },
  { name: 'an unknown model', body: JSON.stringify(GOOD), change: { model: 'sp500.nothing' }, status: 404 },
])('$name is refused with $status and without a stack', async ({ body, change, status }) => {
  const answer = await ask(body, change);
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.text)).toHaveProperty('error');
  expect(answer.text).not.toMatch(/node_modules|\.ts:|\n {4}at /);
});

test('a body over the limit is refused by its length, before it is sent', async () => {
  const url = new URL('/v2/models/sp500.forecast/infer', endpoints().gateway);
  const headers = {
    authorization: `Bearer ${apiKey()}`,
    'content-type': 'application/json',
    'content-length': 5 << 20,
  };
  const asked = httpRequest(url, { method: 'POST', headers });
  asked.flushHeaders();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const answer = await text(response);
  asked.destroy();
  expect(response.statusCode).toBe(413);
  expect(JSON.parse(answer)).toHaveProperty('error');
});
