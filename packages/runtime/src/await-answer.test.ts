import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { awaitAnswer, type Dial, dialTcp } from './await-answer.ts';

const address = { host: '127.0.0.1', port: 5432 };

function dialWith(answers: readonly ('answered' | 'silent')[]): { readonly dial: Dial; readonly limits: number[] } {
  const limits: number[] = [];
  const dial: Dial = async (_address, limitMs) => {
    limits.push(limitMs);
    return answers[limits.length - 1] ?? 'silent';
  };
  return { dial, limits };
}

test.for<[string, readonly ('answered' | 'silent')[], readonly number[]]>([
  ['who answers at once is asked once', ['answered'], [100]],
  ['who is silent at first is asked again soon, and more patiently', ['silent', 'silent', 'answered'], [100, 200, 400]],
  ['who never answers is given up', [], [100, 200, 400, 800, 1500]],
])('%s', async ([, answers, expected]) => {
  const { dial, limits } = dialWith(answers);
  await awaitAnswer(address, dial);
  expect(limits).toEqual(expected);
});

test('an open port and a closed one answer, and no connection is left behind', async () => {
  const server = createServer();
  const closed = new Promise<void>((resolve) => {
    server.once('connection', (socket) => socket.once('close', () => resolve()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  expect(await dialTcp({ host: '127.0.0.1', port }, 5000)).toBe('answered');
  await closed;
  server.close();
  await once(server, 'close');
  expect(await dialTcp({ host: '127.0.0.1', port }, 5000)).toBe('answered');
});
