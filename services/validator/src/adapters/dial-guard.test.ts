import { expect, test } from 'vitest';
import { dialGuard } from './dial-guard.ts';

const guard = dialGuard({ suffixes: ['.svc'], networks: ['10.1.0.0/16'] });

test.for(['8.8.8.8', '10.1.2.3', '2606:4700::1', '[2606:4700::1]', 'garch.finance.svc', 'example.org'])(
  '%s may be dialled as far as its text tells',
  (host) => {
    expect(guard.refusalOf(host)).toBeUndefined();
  },
);

test.for([
  '127.0.0.1',
  '10.2.0.1',
  '169.254.169.254',
  '192.168.0.1',
  '0.0.0.0',
  '::1',
  '[fe80::1]',
  '::ffff:127.0.0.1',
  'fd00::1',
])('%s is refused', (host) => {
  expect(guard.refusalOf(host)).toMatch(/need the installer's allow-list/);
});

test('a name that leads to this host is refused, unless its suffix is allowed', async () => {
  const found = (rule: { suffixes: string[]; networks: string[] }) =>
    new Promise<string>((resolve) => {
      dialGuard(rule).lookup('localhost', { all: true }, (error, addresses) =>
        resolve(error === null ? JSON.stringify(addresses) : error.message),
      );
    });
  expect(await found({ suffixes: ['.svc'], networks: [] })).toMatch(/^localhost leads to/);
  expect(await found({ suffixes: ['localhost'], networks: [] })).toMatch(/127\.0\.0\.1|::1/);
  expect(await found({ suffixes: [], networks: ['127.0.0.0/8', '::1/128'] })).toMatch(/127\.0\.0\.1|::1/);
});
