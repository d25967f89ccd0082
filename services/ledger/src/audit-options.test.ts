import { ConfigError } from '@subnetes/runtime/errors';
import { expect, test } from 'vitest';
import { readAuditOptions } from './audit-options.ts';

const DATABASE_URL = 'postgres://ledger@db/ledger';

test('flags win over the environment, and nothing said is one audit', () => {
  expect(readAuditOptions(['--json'], { DATABASE_URL })).toEqual({
    mode: 'once',
    json: true,
    database: { url: DATABASE_URL },
    reportTo: undefined,
    keptFile: undefined,
  });
  const other = readAuditOptions(['--database', 'pglite:there'], { DATABASE_URL });
  expect(other).toMatchObject({ mode: 'once', json: false, database: { url: 'pglite:there' } });
});

test('an interval makes it go on; an empty one takes that back', () => {
  const environment = { DATABASE_URL, AUDIT_EVERY: '30s', AUDIT_REPORT_URL: 'postgres://ledger@main/ledger' };
  expect(readAuditOptions([], environment)).toMatchObject({
    mode: 'always',
    everyMs: 30_000,
    fullEveryMs: 3_600_000,
    reportTo: { url: 'postgres://ledger@main/ledger' },
  });
  expect(readAuditOptions(['--every', ''], environment)).toMatchObject({ mode: 'once' });
});

test('clearing needs a reason', () => {
  expect(readAuditOptions(['--clear', '--check', 'chain', '--because', 'restored'], { DATABASE_URL })).toEqual({
    mode: 'clear',
    database: { url: DATABASE_URL },
    check: 'chain',
    because: 'restored',
  });
});

test.for([
  [['--clear'], /--because/],
  [['--clear', '--because', ' '], /--because/],
  [['--clear', '--because', 'x', '--check', 'luck'], /--check luck/],
  [['--every', 'often'], /AUDIT_EVERY/],
  [['--loudly'], /audit: .*loudly/],
] as const)('%j is refused', ([argv, message]) => {
  expect(() => readAuditOptions(argv, { DATABASE_URL })).toThrow(ConfigError);
  expect(() => readAuditOptions(argv, { DATABASE_URL })).toThrow(message);
});
