import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type PassingOn, servePassingOn } from './pass-on.ts';

const LOOPBACK = { port: 0, host: '127.0.0.1' };
let passing: PassingOn;
const servers: Server[] = [];

beforeEach(async () => {
  passing = await servePassingOn(LOOPBACK);
});
afterEach(async () => {
  await passing[Symbol.asyncDispose]();
  for (const server of servers.splice(0)) server.close();
});

/** A ledger that says its name before whatever it is told. */
async function ledgerNamed(name: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {}); // cut by the test
    socket.on('data', (bytes) => socket.write(`${name}:${bytes.toString()}`));
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

function call(): Socket {
  const socket = connect(passing.port, '127.0.0.1');
  socket.on('error', () => {}); // a refused one is what a test may wait for
  return socket;
}

async function answerTo(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  return bytes.toString();
}

test('callers reach the ledger that writes, both ways', async () => {
  passing.passTo(await ledgerNamed('one'));
  const socket = call();
  expect(await answerTo(socket, 'a')).toBe('one:a');
  expect(await answerTo(socket, 'b')).toBe('one:b');
  socket.destroy();
});

test('when another one writes, connections to the one before are cut and new ones go there', async () => {
  passing.passTo(await ledgerNamed('one'));
  const before = call();
  await answerTo(before, 'a');
  const ended = once(before, 'close');
  passing.passTo(await ledgerNamed('two'));
  await ended;
  const after = call();
  expect(await answerTo(after, 'a')).toBe('two:a');
  after.destroy();
});

test.for([
  ['nobody writes', undefined],
  ['the writer is not there', '127.0.0.1:1'],
] as const)('while %s a caller is closed and may try again', async ([, address]) => {
  passing.passTo(address);
  const socket = call();
  socket.resume();
  await once(socket, 'close');
  expect(socket.bytesRead).toBe(0);
});
