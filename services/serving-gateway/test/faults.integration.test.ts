import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '@subnetes/testkit/processes';
import { infer, invoices, openAccount, startMarket, type TestMarket } from './market-fixture.ts';
import { PRICE_RAO } from './ledger-stub.ts';

const FUNDED = 100_000_000n;
const CLIENTS = 8;

let market: TestMarket;
beforeAll(async () => {
  market = await startMarket();
  await openAccount(market, 'warm', FUNDED);
  await market.isSelling();
});
afterAll(() => market[Symbol.asyncDispose]());

/** Clients that ask without a pause until told to stop, and what they got. */
function startLoad(key: string) {
  const log = { answered: 0, failed: 0, receipts: new Set<string>() };
  let isOn = true;
  const client = async (): Promise<void> => {
    while (isOn) {
      const answer = await infer(market, key).catch(() => undefined);
      if (answer?.status === 200) {
        log.answered += 1;
        log.receipts.add(answer.headers.get('x-subnetes-receipt') ?? '');
      } else log.failed += 1;
    }
  };
  const clients = Promise.all(Array.from({ length: CLIENTS }, client));
  return {
    log,
    answers: (count: number) => waitFor(`${count} answers`, () => log.answered >= count),
    stop: async () => {
      isOn = false;
      await clients;
      return log;
    },
  };
}

/** All lines of the account once everything is settled and no money is held any more. */
async function settledAccount(key: string, account: string, atLeast: number) {
  const [invoice] = await waitFor(
    `${account} to be settled`,
    async () => {
      const found = await invoices(market, key);
      const isDone = (found[0]?.lineCount ?? 0) >= atLeast && market.ledger.held(`billing:${account}`) === 0n;
      return isDone ? found : undefined;
    },
    60_000,
  );
  return invoice!;
}

test('a gateway killed under load bills nothing twice and nothing unanswered, and loses at most what was in flight', async () => {
  const { secret } = await openAccount(market, 'killed', FUNDED);
  const before = market.ledger.total;
  const load = startLoad(secret);
  await load.answers(200);
  await market.gateway.stop('SIGKILL');
  const atKill = load.log.answered;
  market.gateway = await market.startGateway();
  await load.answers(atKill + 100);
  const log = await load.stop();
  await market.gateway.stop();
  market.gateway = await market.startGateway();
  await market.isSelling();

  const invoice = await settledAccount(secret, 'killed', log.answered - CLIENTS);
  const billed = new Set(invoice.lines.map(({ receiptId }) => receiptId));
  expect(invoice.lineCount).toBeGreaterThanOrEqual(log.answered - CLIENTS);
  expect(invoice.lineCount).toBeLessThanOrEqual(log.answered);
  for (const receipt of billed) expect(log.receipts).toContain(receipt);
  expect(new Set(invoice.lines.map(({ requestId }) => requestId)).size).toBe(invoice.lines.length);
  expect(market.ledger.posted.get('billing:killed')).toBe(FUNDED - BigInt(invoice.lineCount) * PRICE_RAO);
  expect(market.ledger.total).toBe(before);
});

test('billing killed under load settles every answer once, to the rao', async () => {
  const { secret } = await openAccount(market, 'restarted', FUNDED);
  const load = startLoad(secret);
  await load.answers(100);
  await market.billing.stop('SIGKILL');
  const atKill = load.log.answered;
  await load.answers(atKill + 50);
  market.billing = await market.startBilling();
  await load.answers(atKill + 100);
  const log = await load.stop();
  await market.gateway.stop();
  market.gateway = await market.startGateway();
  await market.isSelling();

  const invoice = await settledAccount(secret, 'restarted', log.answered);
  expect(invoice.lineCount).toBe(log.answered);
  expect(BigInt(invoice.totalRao)).toBe(BigInt(log.answered) * PRICE_RAO);
  expect(market.ledger.posted.get('billing:restarted')).toBe(FUNDED - BigInt(invoice.totalRao));
});

/** Kills billing when the ledger has made its next hold and the answer is still on its way. */
function killBillingAtHold(): Promise<void> {
  const killed = Promise.withResolvers<void>();
  market.ledger.beforeAnswer = async () => {
    market.ledger.beforeAnswer = async () => {};
    await market.billing.stop('SIGKILL');
    killed.resolve();
  };
  return killed.promise;
}

test('money that billing reserved in its last moment is spent by the gateway that asked, and given back', async () => {
  const { secret } = await openAccount(market, 'reserved', FUNDED);
  const killed = killBillingAtHold();
  expect((await infer(market, secret)).status).toBe(503);
  await killed;
  const reserved = market.ledger.held('billing:reserved');
  expect(reserved).toBeGreaterThan(0n);
  market.billing = await market.startBilling();
  await waitFor('an answer', async () => (await infer(market, secret)).status === 200);
  expect(market.ledger.held('billing:reserved')).toBe(reserved);
  await market.gateway.stop();
  market.gateway = await market.startGateway();
  await market.isSelling();
  const { lineCount } = await settledAccount(secret, 'reserved', 1);
  expect(market.ledger.posted.get('billing:reserved')).toBe(FUNDED - BigInt(lineCount) * PRICE_RAO);
});

test('money that was reserved as gateway and billing were killed is given back when they have come back', async () => {
  const { secret } = await openAccount(market, 'orphaned', FUNDED);
  const killed = killBillingAtHold();
  const asked = infer(market, secret).catch(() => undefined);
  await killed;
  await market.gateway.stop('SIGKILL');
  await asked;
  expect(market.ledger.held('billing:orphaned')).toBeGreaterThan(0n);
  market.billing = await market.startBilling();
  market.gateway = await market.startGateway();
  await waitFor('the money to be free', () => market.ledger.held('billing:orphaned') === 0n, 30_000);
  expect(market.ledger.posted.get('billing:orphaned')).toBe(FUNDED);
  await market.isSelling();
});

test('usage that the bus could not take is kept, and billed when the bus is back', async () => {
  const { secret } = await openAccount(market, 'spooled', FUNDED);
  expect((await infer(market, secret)).status).toBe(200);
  await market.nats.stop('SIGKILL');
  for (let call = 0; call < 20; call += 1) expect((await infer(market, secret)).status).toBe(200);
  // Not even the process that answered has to live on: what it answered is in its spool, but for a call that ended in
  // the turn of the event loop in which it was killed.
  await waitFor('20 events in the spool', async () => {
    const text = await (await fetch(`http://127.0.0.1:${market.ports.health}/metrics`)).text();
    return Number(/subnetes_gateway_usage_spooled (\d+)/.exec(text)?.[1] ?? 0) >= 20;
  });
  await market.gateway.stop('SIGKILL');
  await market.nats.start();
  market.gateway = await market.startGateway();
  await market.isSelling();

  const invoice = await settledAccount(secret, 'spooled', 21);
  expect(invoice.lineCount).toBe(21);
  expect(market.ledger.posted.get('billing:spooled')).toBe(FUNDED - 21n * PRICE_RAO);
});
