import { expect, test } from 'vitest';
import { x509Issuer } from '#adapters/x509-issuer.ts';
import { systemRandomness } from '#adapters/system-randomness.ts';
import { ensureSecrets } from './ensure-secrets.ts';
import type { ObjectStore, SecretData } from './ports.ts';

const DAY_MS = 24 * 3600 * 1000;

function memoryStore(): ObjectStore & { secrets: Map<string, SecretData>; maps: Map<string, Record<string, string>> } {
  const secrets = new Map<string, SecretData>();
  const maps = new Map<string, Record<string, string>>();
  return {
    secrets,
    maps,
    async readSecret(name) {
      return secrets.get(name);
    },
    async createSecret(name, _type, data) {
      if (secrets.has(name)) return false;
      secrets.set(name, data);
      return true;
    },
    async replaceSecret(name, _type, data) {
      secrets.set(name, data);
    },
    async applyConfigMap(name, data) {
      maps.set(name, { ...data });
    },
  };
}

function world(): { run: (atMs: number) => Promise<string[]>; store: ReturnType<typeof memoryStore> } {
  const store = memoryStore();
  return {
    store,
    async run(atMs) {
      const changed: string[] = [];
      const nowMs = () => atMs;
      await ensureSecrets(
        { store, issuer: x509Issuer(nowMs), random: systemRandomness(), nowMs, changed: (what) => changed.push(what) },
        'market',
      );
      return changed;
    },
  };
}

test('the first run makes everything, the second nothing', async () => {
  const { run, store } = world();
  const first = await run(0);
  expect(first).toContain('subnetes-ca');
  expect(first).toContain('subnetes-ledger-tls');
  expect(first).toContain('subnetes-database-billing');
  const keys = ['gateway-identity', 'ledger-log', 'witness-identity'].map(
    (part) => store.maps.get(`subnetes-${part}`)?.['public-key'],
  );
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{64}$/);
  expect(new Set(keys).size).toBe(keys.length);
  const before = new Map(store.secrets);
  expect(await run(1)).toEqual([]);
  expect(store.secrets).toEqual(before);
});

test('certificates are renewed before they end, authority and passwords stay', async () => {
  const { run, store } = world();
  await run(0);
  const [authority, password] = [store.secrets.get('subnetes-ca'), store.secrets.get('subnetes-database-ledger')];
  const renewed = await run(61 * DAY_MS);
  expect(renewed.every((name) => name.endsWith('-tls'))).toBe(true);
  expect(renewed.length).toBeGreaterThan(5);
  expect(store.secrets.get('subnetes-ca')).toBe(authority);
  expect(store.secrets.get('subnetes-database-ledger')).toBe(password);
});

test('certificates of another authority are replaced', async () => {
  const { run, store } = world();
  await run(0);
  store.secrets.delete('subnetes-ca');
  const renewed = await run(1);
  expect(renewed).toContain('subnetes-ca');
  expect(renewed).toContain('subnetes-nats-tls');
});

test('an authority without a key is refused with what to do', async () => {
  const { run, store } = world();
  store.secrets.set('subnetes-ca', { 'tls.crt': 'x' });
  await expect(run(0)).rejects.toThrow(/put it back from a backup/);
});
