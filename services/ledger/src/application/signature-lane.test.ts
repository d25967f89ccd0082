import { expect, test } from 'vitest';
import { accept } from '#domain/book/refusal.ts';
import type { Caller } from './fair-queue.ts';
import { CONNECTION_MAX, LANE_MAX, SignatureLane } from './signature-lane.ts';

const at = (address: string, port = 1): Caller => ({ address, connection: `${address}:${port}` });

/** A clock that verifications move, and pauses that are ended by hand. */
function handMade() {
  let nowMs = 0;
  const pauses: { readonly ms: number; readonly end: () => void }[] = [];
  const lane = new SignatureLane({
    monotonicMs: () => nowMs,
    sleep: (ms) => new Promise((end) => pauses.push({ ms, end })),
  });
  const verify = (name: string, order: string[], { tookMs = 2, caller = at('a') } = {}) =>
    lane.verify(caller, () => {
      order.push(name);
      nowMs += tookMs;
      return accept(name);
    });
  return { lane, pass: (ms: number) => void (nowMs += ms), pauses, verify };
}

const turns = () => new Promise((resolve) => setImmediate(resolve));

test('verifications run one by one, and three parts of the time are left to others', async () => {
  const { pauses, verify } = handMade();
  const order: string[] = [];
  const [first, second] = [verify('a', order), verify('b', order, { tookMs: 5 })];
  expect(await first).toEqual(accept('a'));
  await turns();
  expect(order, 'the second waits for the pause').toEqual(['a']);
  expect(pauses.map(({ ms }) => ms)).toEqual([6]);
  pauses[0]?.end();
  expect(await second).toEqual(accept('b'));
  expect(pauses.map(({ ms }) => ms)).toEqual([6, 15]);
});

test('a turn that waits for others keeps the next one back, and only what it worked itself counts', async () => {
  const { lane, pass, pauses, verify } = handMade();
  const order: string[] = [];
  const others = Promise.withResolvers<undefined>();
  const held = lane.hold(at('a'), async (timed) => {
    timed(() => pass(2));
    await others.promise;
    timed(() => pass(3));
    return accept('held');
  });
  const next = verify('next', order, { tookMs: 4 });
  await turns();
  pass(1000);
  expect([order, pauses]).toEqual([[], []]);
  others.resolve(undefined);
  expect(await held).toEqual(accept('held'));
  pauses[0]?.end();
  expect(await next).toEqual(accept('next'));
  expect(pauses.map(({ ms }) => ms)).toEqual([15, 12]);
});

test('an idle lane is free at once', async () => {
  const { pauses, verify } = handMade();
  const order: string[] = [];
  await verify('a', order);
  pauses[0]?.end();
  await turns();
  expect(await verify('b', order)).toEqual(accept('b'));
});

test('whoever comes to a long line of another is next', async () => {
  const { pauses, verify } = handMade();
  const order: string[] = [];
  await verify('first', order);
  const flood = Array.from({ length: CONNECTION_MAX }, (_, count) => verify(`flood ${count}`, order));
  const honest = verify('honest', order, { caller: at('a', 2) });
  const elsewhere = verify('elsewhere', order, { caller: at('b') });
  for (const count of [0, 1, 2]) {
    pauses[count]?.end();
    await turns();
  }
  expect(order).toEqual(['first', 'flood 0', 'elsewhere', 'honest']);
  expect(await Promise.all([honest, elsewhere])).toEqual([accept('honest'), accept('elsewhere')]);
  for (let at = 3; at < CONNECTION_MAX + 2; at += 1) {
    pauses[at]?.end();
    await turns();
  }
  expect((await Promise.all(flood)).every(({ ok }) => ok)).toBe(true);
});

test('too many of one connection are refused, and those that wait are served', async () => {
  const { pauses, verify } = handMade();
  const order: string[] = [];
  await verify('first', order);
  const waiting = Array.from({ length: CONNECTION_MAX }, (_, at) => verify(String(at), order));
  expect(await verify('late', order)).toMatchObject({ ok: false, code: 'SIGNATURES_BUSY' });
  for (let at = 0; at < CONNECTION_MAX; at += 1) {
    pauses[at]?.end();
    await waiting[at];
  }
  expect(order).toEqual(['first', ...waiting.map((_one, at) => String(at))]);
});

test('where many connections of one address fill all of it, another address still has a place', async () => {
  const { pauses, verify } = handMade();
  const order: string[] = [];
  await verify('first', order);
  const flood = Array.from({ length: LANE_MAX }, (_, port) => verify('flood', order, { caller: at('a', port) }));
  expect(await verify('flood', order, { caller: at('a', LANE_MAX) })).toMatchObject({ code: 'SIGNATURES_BUSY' });
  const honest = verify('honest', order, { caller: at('b') });
  // Somebody of the flood has to go for it.
  expect(await flood[0]).toMatchObject({ code: 'SIGNATURES_BUSY' });
  for (const count of [0, 1]) {
    pauses[count]?.end();
    await turns();
  }
  expect(await honest).toEqual(accept('honest'));
  expect(order).toEqual(['first', 'flood', 'honest']);
});

test('a verification that throws frees the lane', async () => {
  const { lane, pauses, verify } = handMade();
  const broken = lane.verify(at('a'), () => {
    throw new Error('a bug');
  });
  await expect(broken).rejects.toThrow('a bug');
  pauses[0]?.end();
  await turns();
  expect(await verify('next', [])).toEqual(accept('next'));
});
