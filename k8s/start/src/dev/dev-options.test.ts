import { expect, test } from 'vitest';
import { UsageError } from '../options.ts';
import { readDevOptions } from './dev-options.ts';

test('nothing said: the usual ports, nothing forgotten, no restarts', () => {
  const options = readDevOptions([]);
  expect(options).toMatchObject({ fresh: false, watch: false, portBase: 20_000, blockTimeMs: undefined });
});

test('everything can be said', () => {
  const options = readDevOptions(['--fresh', '--watch', '--logs', '--port-base', '31000', '--block-time', '250']);
  expect(options).toMatchObject({ fresh: true, watch: true, logs: true, portBase: 31_000, blockTimeMs: 250 });
});

test.for([
  [['--port-base', '80']],
  [['--port-base', '65500']],
  [['--block-time', '1e3']],
  [['--freshly']],
  [['now']],
] as const)('%j is refused', ([argv]) => {
  expect(() => readDevOptions(argv)).toThrow(UsageError);
});
