import { expect, test } from 'vitest';
import { ConfigError, thrownFirst } from './errors.ts';

/** What `await using` throws when both its block and a disposal fail. */
async function failingTwice(first: Error): Promise<unknown> {
  try {
    await using stack = new AsyncDisposableStack();
    stack.defer(() => {
      throw new Error('the pool could not be closed');
    });
    throw first;
  } catch (error) {
    return error;
  }
}

test('of a failure and a failed tear-down the failure is told, the tear-down as its cause', async () => {
  const first = new ConfigError('GENESIS_FILE is another');
  const thrown = await failingTwice(first);
  expect(thrown).not.toBe(first);
  expect(thrownFirst(thrown)).toBe(first);
  expect(first.cause).toMatchObject({ message: 'the pool could not be closed' });
});

test('anything else is itself', () => {
  const error = new Error('alone');
  expect(thrownFirst(error)).toBe(error);
  expect(thrownFirst('text')).toBe('text');
});
