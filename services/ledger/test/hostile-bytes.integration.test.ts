import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { toBinary, create } from '@bufbuild/protobuf';
import { Client, credentials, status } from '@grpc/grpc-js';
import { SubmitTransfersRequestSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { expect, test } from 'vitest';
import { durableServers } from './durable-servers.ts';
import { startLedger } from './ledger-process.ts';
import { genesis } from './market.ts';
import { expectBooks, fund, SHOP, startLoad, untilMore } from './retrying-client.ts';

/** Bytes that are no request, or far too many, while clients pay without a pause: refused, and nobody else notices. */
const servers = durableServers();

const transfer = { id: 'hostile', from: SHOP, to: 'network', amount: { asset: 'TAO', amount: '1' } };

/** A message of a valid shape, `times` times its transfer. */
function bytesOf(times: number, code = ''): Buffer {
  const transfers = Array.from({ length: times }, (_, at) => ({ ...transfer, id: `hostile/${at}`, code }));
  return Buffer.from(toBinary(SubmitTransfersRequestSchema, create(SubmitTransfersRequestSchema, { transfers })));
}

/** gRPC's status of a call with these bytes as its message. */
async function statusOf(client: Client, bytes: Buffer, method = 'SubmitTransfers'): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const asIs = (given: Buffer): Buffer => given;
  client.makeUnaryRequest(`/subnetes.ledger.v1.Ledger/${method}`, asIs, asIs, bytes, (error) =>
    resolve(error?.code ?? status.OK),
  );
  return promise;
}

test('malformed and oversized requests are refused one by one, and payments beside them go on', async () => {
  const databaseUrl = await servers.postgres.createDatabase();
  await using ledger = await startLedger({ databaseUrl, natsUrl: servers.nats.url, genesis });
  await fund(ledger);
  const load = startLoad(() => [ledger], 4);
  await untilMore(load, 50);
  const stranger = new Client(`127.0.0.1:${ledger.grpcPort}`, credentials.createInsecure(), {
    'grpc.max_send_message_length': -1,
  });
  const good = bytesOf(1);
  const statuses = {
    // Of random bytes one message in 100 000 is a valid one; wire type 7 is none.
    random: await statusOf(stranger, Buffer.concat([Buffer.of(0x0f), randomBytes(1000)])),
    cutOff: await statusOf(stranger, good.subarray(0, -3)),
    tooManyItems: await statusOf(stranger, bytesOf(1001)),
    tooLong: await statusOf(stranger, bytesOf(1, 'x'.repeat(65))),
    tooManyBytes: await statusOf(stranger, bytesOf(1000, 'x'.repeat(20_000))),
    noSuchMethod: await statusOf(stranger, good, 'Mint'),
  };
  expect(statuses).toEqual({
    random: status.INTERNAL,
    cutOff: status.INTERNAL,
    tooManyItems: status.INVALID_ARGUMENT,
    tooLong: status.INVALID_ARGUMENT,
    tooManyBytes: status.RESOURCE_EXHAUSTED,
    noSuchMethod: status.UNIMPLEMENTED,
  });
  for (let at = 0; at < 20; at += 1) {
    const socket = connect(ledger.grpcPort, '127.0.0.1');
    socket.on('error', () => {}); // the server may hang up while it is written to
    await once(socket, 'connect');
    socket.end(randomBytes(10_000));
  }
  await untilMore(load, 50);
  stranger.close();
  await load.stop();
  await expectBooks(ledger, load);
});
