import { Agent, request } from 'undici';
import { expect, test } from 'vitest';
import { startKube } from '../src/kube.ts';

test('the API server applies, enforces RBAC, keeps its state and has default service accounts', async () => {
  await using kube = await startKube({ controllerManager: true });
  const agentOf = (pair: { certificatePem: string; keyPem: string }) =>
    new Agent({ connect: { ca: kube.caPem, cert: pair.certificatePem, key: pair.keyPem } });
  const admin = agentOf(kube.admin);
  const stranger = agentOf(await kube.issueClient('stranger'));
  const url = `${kube.baseUrl}/api/v1/namespaces/default/configmaps/a?fieldManager=test`;
  const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { x: '1' } });
  const headers = { 'content-type': 'application/apply-patch+yaml' };
  expect((await request(url, { method: 'PATCH', headers, body, dispatcher: admin })).statusCode).toBe(201);
  expect((await request(url, { dispatcher: stranger })).statusCode).toBe(403);
  await kube.restartApiServer();
  expect((await request(url, { dispatcher: admin })).statusCode).toBe(200);
  await Promise.all([admin.destroy(), stranger.destroy()]);
});
