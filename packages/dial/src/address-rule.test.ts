import { expect, test } from 'vitest';
import { AddressRule } from './address-rule.ts';

const strict = new AddressRule({ suffixes: ['.svc'], networks: [] });

test.for([
  '127.0.0.1',
  '10.1.2.3',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '::1',
  '::',
  'fe80::1',
  'fc00::1',
  '::ffff:127.0.0.1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  '2001:db8::1',
  'fd00::1',
])('%s is not dialled', (ip) => {
  expect(strict.permits(ip)).toBe(false);
});

test.for(['8.8.8.8', '1.1.1.1', '2606:4700::1111'])('%s is', (ip) => {
  expect(strict.permits(ip)).toBe(true);
});

test('an allowed network opens its own addresses and no other', () => {
  const rule = new AddressRule({ suffixes: [], networks: ['10.1.0.0/16'] });
  expect(rule.permits('10.1.2.3')).toBe(true);
  expect(rule.permits('10.2.0.1')).toBe(false);
});

test('the allow-list opens networks and names', async () => {
  const rule = new AddressRule({ suffixes: ['.svc'], networks: ['127.0.0.0/8'] });
  expect(await rule.resolve('https://127.0.0.1:8443')).toEqual({
    ok: true,
    address: { host: '127.0.0.1', port: 8443, pinnedIp: '127.0.0.1' },
  });
  expect(await strict.resolve('https://garch.finance.svc:8443')).toEqual({
    ok: true,
    address: { host: 'garch.finance.svc', port: 8443, pinnedIp: undefined },
  });
});

test.for([
  'http://8.8.8.8',
  'https://127.0.0.1:8443',
  'https://localhost:8443',
  'https://user@8.8.8.8',
  'https://8.8.8.8/path',
  'https://0x7f000001',
  'https://[::ffff:10.0.0.1]:443',
  'https://[fe80::1]:8443',
  'not a url',
])('%s is refused with a reason', async (url) => {
  const resolved = await strict.resolve(url);
  expect(resolved.ok ? '' : resolved.reason).not.toBe('');
});

test('a public address is pinned', async () => {
  expect(await strict.resolve('https://8.8.8.8')).toMatchObject({ address: { port: 443, pinnedIp: '8.8.8.8' } });
});

test('a name that leads to this host is refused, unless the installer allows the name or the network', async () => {
  const found = async (allow: { suffixes: string[]; networks: string[] }) => {
    const resolved = await new AddressRule(allow).resolve('https://localhost:8443');
    return resolved.ok ? resolved.address.pinnedIp : resolved.reason;
  };
  expect(await found({ suffixes: ['.svc'], networks: [] })).toMatch(
    /^localhost leads to .*: private addresses need the installer's allow-list$/,
  );
  expect(await found({ suffixes: ['localhost'], networks: [] })).toBeUndefined();
  expect(await found({ suffixes: [], networks: ['127.0.0.0/8', '::1/128'] })).toMatch(/^(127\.0\.0\.1|::1)$/);
});

test('a suffix is whole labels', async () => {
  const rule = new AddressRule({ suffixes: ['svc'], networks: [] });
  expect(await rule.resolve('https://garch.finance.svc')).toMatchObject({ ok: true });
  expect(await rule.resolve('https://notsvc')).toMatchObject({ ok: false });
});
