import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { AddressRule } from '@subnetes/dial/address-rule';
import { newHotkeyFile, readHotkeyFile } from '@subnetes/keys/key-file';
import { createAuthority, issueCertificate } from '@subnetes/pki/certificates';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { minerClient } from '#adapters/miner-client.ts';
import type { Miner } from '#application/ports.ts';

const hotkey = readHotkeyFile(JSON.stringify(newHotkeyFile()));
const teardown = new AsyncDisposableStack();
let miner: Miner;
let received = 0;
let status = 200;

beforeAll(async () => {
  const authority = await createAuthority('test', Date.now(), 3_600_000);
  const leaf = { validMs: 3_600_000, commonName: 'miner', usages: ['server' as const] };
  const { certificatePem, keyPem } = await issueCertificate(authority, leaf, Date.now());
  const server = createServer({ key: keyPem, cert: certificatePem }, (_request, response) => {
    received++;
    response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end('no protobuf');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  teardown.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const spki = new X509Certificate(certificatePem).publicKey.export({ type: 'spki', format: 'der' });
  const spkiSha256 = createHash('sha256').update(spki).digest();
  miner = {
    id: '01'.repeat(32),
    uid: 1,
    hotkey: hotkey.address,
    registeredAt: 1,
    urls: [`https://127.0.0.1:${port}`],
    spkiSha256,
  };
});
afterAll(() => teardown.disposeAsync());

async function ask(asked: Miner, networks = ['127.0.0.1/32']) {
  await using client = minerClient({
    networkId: new Uint8Array(32),
    registrationId: new Uint8Array(32),
    hotkey,
    sequence: () => 1n,
    nowMs: () => Date.now(),
    rule: new AddressRule({ suffixes: ['.svc'], networks }),
  });
  const task = { horizonsDays: [1], quantileCount: 1 };
  const signal = new AbortController().signal;
  return await client.ask({ miner: asked, modelName: 'm', task, closes: [1], block: 1, timeoutMs: 2000, signal });
}

const isUnanswered = (answer: Awaited<ReturnType<typeof ask>>): boolean =>
  answer.kind === 'invalid' && answer.unanswered === true;

test('a certificate that was not announced is not spoken to', async () => {
  const answer = await ask({ ...miner, spkiSha256: new Uint8Array(32) });
  expect(answer).toMatchObject({
    kind: 'invalid',
    reason: expect.stringMatching(/not the one that the miner announced/),
  });
  expect(received).toBe(0);
});

test('a miner that proves nothing gets no question', async () => {
  const answer = await ask(miner);
  expect(answer).toMatchObject({ kind: 'invalid', reason: expect.stringMatching(/^no answer/) });
  expect([received, isUnanswered(answer)]).toEqual([1, false]);
});

test('a miner that is not there is an invalid answer with its reason', async () => {
  const answer = await ask({ ...miner, urls: ['https://127.0.0.1:1'] });
  expect(answer).toMatchObject({ reason: /^no answer: .*ECONNREFUSED/ });
  expect(isUnanswered(answer)).toBe(true);
});

test('an address that no installer allowed is not dialled', async () => {
  const reason = expect.stringMatching(/^no answer: 127\.0\.0\.1 leads to 127\.0\.0\.1: private addresses/);
  const answer = await ask(miner, []);
  expect(answer).toMatchObject({ kind: 'invalid', reason });
  expect(isUnanswered(answer)).toBe(false);
});

test.for([
  [401, false],
  [429, true],
  [503, true],
] as const)('a handshake that is refused with %i counts as unanswered: %s', async ([refusal, expected]) => {
  status = refusal;
  expect(isUnanswered(await ask(miner))).toBe(expected);
});
