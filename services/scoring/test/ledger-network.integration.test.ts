import { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { methodsOf } from '@subnetes/proto/grpc-adapter';
import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import { systemClock } from '@subnetes/runtime/clock';
import { rpcService, serveGrpc } from '@subnetes/runtime/grpc-server';
import { createLogger } from '@subnetes/telemetry/logger';
import { createMetrics } from '@subnetes/telemetry/metrics';
import { freePort } from '@subnetes/testkit/processes';
import { expect, test } from 'vitest';
import { askNetworkId } from '#adapters/ledger-network.ts';
import { fromHex } from '#adapters/messages.ts';
import { NETWORK_ID } from './market.ts';

test('the network is asked for until the ledger answers', async () => {
  const port = await freePort();
  const asked = askNetworkId(
    { address: `127.0.0.1:${port}`, tls: undefined, clock: systemClock },
    new AbortController().signal,
  );
  const nothing = Object.fromEntries(
    [...methodsOf(Ledger).keys()].map((name) => [name, () => Promise.reject(new Error(name))]),
  );
  const handlers = {
    ...nothing,
    getNetwork: async () => ({ networkId: fromHex(NETWORK_ID) }),
  } as unknown as RpcHandlers<typeof Ledger>;
  await using server = await serveGrpc({
    port,
    host: '127.0.0.1',
    services: [rpcService(Ledger, handlers)],
    metrics: createMetrics({ service: 'ledger', version: 'test', processMetrics: false }),
    log: createLogger({ service: 'ledger', level: 'silent' }),
    drainMs: 100,
  });
  expect(await asked).toBe(NETWORK_ID);
  expect(server.port).toBe(port);
});

test('a service that is told to end stops asking', async () => {
  const stop = new AbortController();
  const port = await freePort();
  const asked = askNetworkId({ address: `127.0.0.1:${port}`, tls: undefined, clock: systemClock }, stop.signal);
  stop.abort(new Error('SIGTERM'));
  await expect(asked).rejects.toThrow('SIGTERM');
});
