import { join } from 'node:path';
import { startProcess, waitFor, type ServerProcess } from '@subnetes/testkit/processes';
import { expect, test } from 'vitest';

const start = (how: string): Promise<ServerProcess> =>
  startProcess({ command: process.execPath, args: [join(import.meta.dirname, 'service-program.ts'), how] });

test.for([
  ['config', 64, 'PORT: write a port number'],
  ['crash', 70, 'deeper'],
  ['reject', 70, 'nobody listens'],
] as const)('%s ends with %d and says why', async ([how, code, words]) => {
  await using service = await start(how);
  expect(await service.exited).toBe(code);
  expect(service.output()).toContain(words);
});

test('a signal leads through the tear-down to 0', async () => {
  await using service = await start('serve');
  await waitFor('ready', () => service.output().includes('ready'));
  await service.stop('SIGTERM');
  expect(await service.exited).toBe(0);
  expect(service.output()).toContain('torn down');
});

test('a tear-down that hangs is cut when the grace is over', async () => {
  await using service = await start('hang');
  await waitFor('ready', () => service.output().includes('ready'));
  await service.stop('SIGTERM');
  expect(await service.exited).toBe(70);
  expect(service.output()).toContain('longer than 300 ms');
});
