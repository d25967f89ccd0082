import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { credentials, Server, ServerCredentials } from '@grpc/grpc-js';
import { expect, test, vi } from 'vitest';
import { Ledger } from '../gen/subnetes/ledger/v1/ledger_pb.ts';
import { MinerHandshake } from '../gen/subnetes/miner/v1/miner_pb.ts';
import { Scoring } from '../gen/subnetes/scoring/v1/scoring_pb.ts';
import { createRpcClient } from './grpc-client.ts';
import { addRpcService } from './grpc-handlers.ts';
import type { RpcHandlers } from './grpc-handlers.ts';
import { invalidField, RpcCode, RpcError } from './rpc-error.ts';

const refuse = async (): Promise<never> => {
  throw new RpcError({ code: RpcCode.UNIMPLEMENTED, message: 'not part of this test' });
};

async function serve(part: Partial<RpcHandlers<typeof Ledger>>) {
  const server = new Server();
  const handlers = Object.fromEntries(
    Object.keys(Ledger.method).map((name) => [name, refuse]),
  ) as unknown as RpcHandlers<typeof Ledger>;
  const seen: { code: number; error: unknown }[] = [];
  addRpcService(server, Ledger, { ...handlers, ...part }, ({ code, error }) => seen.push({ code, error }));
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  const client = createRpcClient(Ledger, {
    address: `127.0.0.1:${port}`,
    credentials: credentials.createInsecure(),
    deadlineMs: 5000,
  });
  return {
    client,
    port,
    seen,
    [Symbol.dispose]() {
      client[Symbol.dispose]();
      server.forceShutdown();
    },
  };
}

test('a unary call carries plain objects both ways', async () => {
  using rpc = await serve({
    getSubnet: async (request) => ({ netuid: request.by.case === 'netuid' ? request.by.value : 0, handle: 'sp500' }),
  });
  const answer = await rpc.client.getSubnet({ by: { case: 'netuid', value: 7 } });
  expect(answer).toMatchObject({ netuid: 7, handle: 'sp500' });
});

test('a refusal keeps code, reason, fields and message', async () => {
  using rpc = await serve({
    getSubnet: async () => {
      throw new RpcError({
        code: RpcCode.NOT_FOUND,
        reason: 'SUBNET_NOT_FOUND',
        message: 'no subnet 7',
        metadata: { netuid: '7' },
      });
    },
    getBalances: async () => {
      throw invalidField('accounts[3]', 'is no SS58 address');
    },
    getNetwork: async () => {
      throw new RpcError({ code: RpcCode.UNAVAILABLE, reason: 'UNAVAILABLE', message: 'away', retryAfterMs: 1500 });
    },
  });
  await expect(rpc.client.getSubnet({})).rejects.toMatchObject({
    code: RpcCode.NOT_FOUND,
    reason: 'SUBNET_NOT_FOUND',
    metadata: { netuid: '7' },
  });
  await expect(rpc.client.getBalances({})).rejects.toMatchObject({
    code: RpcCode.INVALID_ARGUMENT,
    fieldViolations: [{ field: 'accounts[3]', description: 'is no SS58 address' }],
  });
  await expect(rpc.client.getNetwork({})).rejects.toMatchObject({ code: RpcCode.UNAVAILABLE, retryAfterMs: 1500 });
  expect(rpc.seen.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
});

test('a bug reaches the observer and not the peer', async () => {
  using rpc = await serve({
    getNetwork: async () => {
      throw new Error('password=hunter2');
    },
  });
  const failure = await rpc.client.getNetwork({}).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: RpcCode.INTERNAL });
  expect(String(failure)).not.toContain('hunter2');
  expect(rpc.seen[0]?.error).toBeInstanceOf(Error);
});

test('a stream ends, fails and is cancelled', async () => {
  let cancelled = false;
  using rpc = await serve({
    async *watchSubnet(request, { signal }) {
      for (let block = 1n; ; block += 1n) {
        yield { block };
        if (request.netuid === 1 && block === 3n) return;
        if (request.netuid === 2 && block === 2n)
          throw new RpcError({ code: RpcCode.NOT_FOUND, reason: 'SUBNET_NOT_FOUND', message: 'gone' });
        if (request.netuid === 3 && block === 2n) {
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
          cancelled = true;
          return;
        }
      }
    },
  });
  const collect = async (netuid: number) => {
    const blocks: bigint[] = [];
    for await (const { block } of rpc.client.watchSubnet({ netuid })) {
      blocks.push(block);
      if (netuid === 3 && block === 2n) break;
    }
    return blocks;
  };
  expect(await collect(1)).toEqual([1n, 2n, 3n]);
  await expect(collect(2)).rejects.toMatchObject({ reason: 'SUBNET_NOT_FOUND' });
  expect(await collect(3)).toEqual([1n, 2n]);
  await expect.poll(() => cancelled).toBe(true);
});

test('a deadline and a missing peer are outages', async () => {
  using rpc = await serve({
    getNetwork: (_request, { signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('late')))),
  });
  await expect(rpc.client.getNetwork({}, { deadlineMs: 50 })).rejects.toMatchObject({
    code: RpcCode.DEADLINE_EXCEEDED,
  });
  using nobody = createRpcClient(Scoring, { address: '127.0.0.1:1', credentials: credentials.createInsecure() });
  await expect(nobody.getMetagraph({ netuid: 1 })).rejects.toMatchObject({ code: RpcCode.UNAVAILABLE });
});

test('a method without a handler is noticed when the server is built', () => {
  const none = {} as RpcHandlers<typeof MinerHandshake>;
  expect(() => addRpcService(new Server(), MinerHandshake, none)).toThrow(/no handler for .*Handshake/);
});

/** In front of a server: takes the first connections as it is told to, and passes on all others. */
async function proxyTo(port: number, first: readonly ('hangs' | 'fails')[]) {
  const silent: Socket[] = [];
  let attempts = 0;
  const proxy = createServer((socket) => {
    const does = first[attempts];
    attempts += 1;
    // Taken and never answered, as by a Service address that still leads to a dead pod.
    if (does === 'hangs') silent.push(socket);
    else if (does === 'fails') socket.resetAndDestroy();
    else socket.pipe(connect(port, '127.0.0.1')).pipe(socket);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    address: `127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    attempts: () => attempts,
    [Symbol.dispose]() {
      for (const socket of silent) socket.destroy();
      proxy.close();
    },
  };
}

test('a connection attempt that hangs is given up for a new one', async () => {
  using rpc = await serve({ getNetwork: async () => ({ symbol: 'TAO' }) });
  using proxy = await proxyTo(rpc.port, ['hangs']);
  const { address } = proxy;
  using client = createRpcClient(Ledger, { address, credentials: credentials.createInsecure(), deadlineMs: 8000 });
  const answers = await Promise.all([client.getNetwork({}), client.getNetwork({})]);
  expect(answers.map(({ symbol }) => symbol)).toEqual(['TAO', 'TAO']);
  expect(proxy.attempts()).toBeGreaterThanOrEqual(2);
});

test('so is one that hangs after one that failed, while the channel says no more than that it failed', async () => {
  using rpc = await serve({ getNetwork: async () => ({ symbol: 'TAO' }) });
  using proxy = await proxyTo(rpc.port, ['fails', 'hangs']);
  const { address } = proxy;
  using client = createRpcClient(Ledger, { address, credentials: credentials.createInsecure(), deadlineMs: 8000 });
  await expect(client.getNetwork({})).rejects.toMatchObject({ code: RpcCode.UNAVAILABLE });
  await vi.waitFor(async () => expect(await client.getNetwork({})).toMatchObject({ symbol: 'TAO' }), { timeout: 8000 });
  expect(proxy.attempts()).toBeGreaterThanOrEqual(3);
});

const amountsOf = (batches: readonly { readonly orders: readonly { readonly linked: boolean }[] }[]) =>
  batches.map(({ orders }) => orders.length);

test('two streams answer each other in order, and the caller is held back while the server does not read', async () => {
  let read = 0;
  const mayRead = Promise.withResolvers<void>();
  using rpc = await serve({
    async *streamMoneyOrders(batches) {
      for await (const { orders } of batches) {
        read += 1;
        yield { results: orders.map((_order, at) => ({ id: `${read}/${at}`, ok: true })) };
        if (read === 1) await mayRead.promise;
      }
    },
  });
  const total = 400;
  let written = 0;
  async function* batches() {
    // Each a hundred kilobytes: far more in all than windows and buffers hold.
    for (; written < total; written += 1)
      yield { orders: [{ order: { case: 'voidHoldId' as const, value: 'x'.repeat(100_000) } }] };
  }
  const answers = rpc.client.streamMoneyOrders(batches())[Symbol.asyncIterator]();
  expect((await answers.next()).value?.results[0]?.id).toBe('1/0');
  let before = -1;
  while (before !== written) {
    before = written;
    await new Promise((resolve) => setImmediate(resolve));
    await rpc.client.getNetwork({}).catch(() => {}); // a round trip: what could be written has been
  }
  expect(written).toBeLessThan(total / 2);
  mayRead.resolve();
  const ids: string[] = [];
  for (let next = await answers.next(); next.done !== true; next = await answers.next()) {
    ids.push(next.value.results[0]?.id ?? '');
  }
  expect(ids).toEqual(Array.from({ length: total - 1 }, (_, at) => `${at + 2}/0`));
});

test('a refusal ends two streams with its status, and so does a caller whose own stream breaks off', async () => {
  const heard: number[] = [];
  using rpc = await serve({
    async *streamMoneyOrders(batches) {
      for await (const batch of batches) {
        heard.push(...amountsOf([batch]));
        if (batch.orders.length > 1) throw invalidField('orders', 'are too many');
        yield { results: [] };
      }
    },
  });
  async function* batches(last: () => never | { orders: object[] }) {
    yield { orders: [{}] };
    yield last();
    await new Promise(() => {}); // the caller keeps its stream open
  }
  const drain = async (last: () => never | { orders: object[] }): Promise<void> => {
    for await (const answer of rpc.client.streamMoneyOrders(batches(last))) expect(answer.results).toEqual([]);
  };
  await expect(drain(() => ({ orders: [{}, {}] }))).rejects.toMatchObject({ code: RpcCode.INVALID_ARGUMENT });
  const broken = new Error('the source of orders broke off');
  await expect(
    drain(() => {
      throw broken;
    }),
  ).rejects.toBe(broken);
  expect(heard.slice(0, 2)).toEqual([1, 2]);
});
