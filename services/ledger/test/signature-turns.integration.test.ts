import type { SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { waitFor } from '@subnetes/testkit/processes';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { desk, orderOf, owner } from './market.ts';
import { type ServedLedger, serveLedger } from './served-ledger.ts';

const FLOOD = 100;
const PATIENT = { deadlineMs: 60_000 };

let served: ServedLedger;
/** Each ends the pause after a verification, and with it begins the next one. */
let pauses: (() => void)[];

beforeEach(async () => {
  pauses = [];
  const sleep = () => new Promise<void>((end) => pauses.push(end));
  served = await serveLedger(undefined, { monotonicMs: () => performance.now(), sleep });
});
afterEach(async () => {
  await served[Symbol.asyncDispose]();
});

const transfer = (sequence: bigint): SignedEnvelope => {
  const value = { $typeName: 'subnetes.ledger.v1.TransferOrder' as const, to: owner.address, amountRao: '5' };
  return orderOf(desk, sequence, { case: 'transfer', value });
};

type Client = ServedLedger['neuron'];

/** Sends orders at once and answers when the ledger has taken them all, which is before it looks at them. */
async function sendAll(client: Client, orders: readonly SignedEnvelope[]): Promise<readonly Promise<string>[]> {
  const answers = orders.map((order) =>
    client.submitOrder({ order }, PATIENT).then(
      () => 'done',
      ({ reason }: { readonly reason: string }) => reason,
    ),
  );
  // Calls of a connection arrive in order, and read the ledger in order.
  await client.getNetwork({});
  return answers;
}

test('an order of another connection is answered after one turn of a flood, and the flood is refused to its end', async () => {
  const forged = { ...transfer(1n), signature: new Uint8Array(64) };
  const flood = await sendAll(
    served.neuron,
    Array.from({ length: FLOOD }, () => forged),
  );
  await waitFor('the first to be looked at', () => pauses.length === 1);
  const [honest] = await sendAll(served.billing, [transfer(1n)]);
  for (const ended of [0, 1]) {
    await waitFor('a verification', () => pauses.length > ended);
    pauses[ended]?.();
  }
  // After the one that was looked at before it came: one of the flood, and its own.
  expect(await honest).toBe('done');
  expect(pauses).toHaveLength(3);
  for (let ended = 2; ended <= FLOOD; ended += 1) {
    await waitFor('a verification', () => pauses.length > ended);
    pauses[ended]?.();
  }
  expect(new Set(await Promise.all(flood))).toEqual(new Set(['BAD_SIGNATURE']));
});

test('a connection that sends more than may wait is refused, and another one still is served', async () => {
  const forged = { ...transfer(1n), signature: new Uint8Array(64) };
  const flood = await sendAll(
    served.neuron,
    Array.from({ length: 200 }, () => forged),
  );
  const reasons: string[] = [];
  for (const answer of flood) void answer.then((reason) => reasons.push(reason));
  await waitFor('what is too much to be refused', () => reasons.length === 72);
  expect(new Set(reasons)).toEqual(new Set(['BAD_SIGNATURE', 'SIGNATURES_BUSY']));
  const [honest] = await sendAll(served.billing, [transfer(1n)]);
  for (let ended = 0; ended < 130; ended += 1) {
    await waitFor('a verification', () => pauses.length > ended);
    pauses[ended]?.();
  }
  expect(await honest).toBe('done');
  const all = await Promise.all(flood);
  expect(all.filter((reason) => reason === 'SIGNATURES_BUSY')).toHaveLength(200 - 129);
});
