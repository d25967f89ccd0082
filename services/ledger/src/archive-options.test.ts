import { expect, test } from 'vitest';
import { readArchiveOptions } from './archive-options.ts';

const URL = 'postgres://ledger@db:5432/ledger';

test('flags win over the environment', () => {
  const environment = { DATABASE_URL: 'postgres://other@db/ledger', ARCHIVE_FOLDER: '/archive' };
  expect(readArchiveOptions(['--database', URL], environment)).toMatchObject({
    database: { url: URL },
    folder: '/archive',
  });
  expect(readArchiveOptions(['--database', URL, '--to', '/here'], {})).toMatchObject({ folder: '/here' });
});

test.for<readonly [string, readonly string[], RegExp]>([
  ['no folder', ['--database', URL], /ARCHIVE_FOLDER/],
  ['no database', ['--to', '/here'], /DATABASE_URL/],
  ['a flag that there is not', ['--from', '/here'], /archive: .*--from/],
])('%s is refused by name', ([, flags, message]) => {
  expect(() => readArchiveOptions(flags, {})).toThrow(message);
});
