import { expect, test } from 'vitest';
import { AddressRule } from './endpoint-address.ts';

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
])('%s is not dialled', (ip) => {
  expect(strict.permits(ip)).toBe(false);
});

test.for(['8.8.8.8', '1.1.1.1', '2606:4700::1111'])('%s is', (ip) => {
  expect(strict.permits(ip)).toBe(true);
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
  'not a url',
])('%s is refused with a reason', async (url) => {
  const resolved = await strict.resolve(url);
  expect(resolved.ok ? '' : resolved.reason).not.toBe('');
});

test('a public address is pinned', async () => {
  expect(await strict.resolve('https://8.8.8.8')).toMatchObject({ address: { port: 443, pinnedIp: '8.8.8.8' } });
});
