import { expect, test } from 'vitest';
import { accept } from '#domain/book/refusal.ts';
import { LANE_MAX, SignatureLane } from './signature-lane.ts';

/** A clock that verifications move, and pauses that are ended by hand. */
function handMade() {
  let nowMs = 0;
  const pauses: { readonly ms: number; readonly end: () => void }[] = [];
  const lane = new SignatureLane({
    monotonicMs: () => nowMs,
    sleep: (ms) => new Promise((end) => pauses.push({ ms, end })),
  });
  const verify = (name: string, order: string[], tookMs = 2) =>
    lane.verify(() => {
      order.push(name);
      nowMs += tookMs;
      return accept(name);
    });
  return { lane, pauses, verify };
}

const turns = () => new Promise((resolve) => setImmediate(resolve));

test('verifications run one by one, and three parts of the time are left to others', async () => {
  const { pauses, verify } = handMade();
  const order: string[] = [];
  const [first, second] = [verify('a', order), verify('b', order, 5)];
  expect(await first).toEqual(accept('a'));
  await turns();
  expect(order, 'the second waits for the pause').toEqual(['a']);
  expect(pauses.map(({ ms }) => ms)).toEqual([6]);
  pauses[0]?.end();
  expect(await second).toEqual(accept('b'));
  expect(pauses.map(({ ms }) => ms)).toEqual([6, 15]);
});

test('an idle lane is free at once', async () => {
  const { pauses, verify } = handMade();
  const order: string[] = [];
  await verify('a', order);
  pauses[0]?.end();
  await turns();
  expect(await verify('b', order)).toEqual(accept('b'));
});

test('too many are refused, and those that wait are served', async () => {
  const { pauses, verify } = handMade();
  const order: string[] = [];
  await verify('first', order);
  const waiting = Array.from({ length: LANE_MAX }, (_, at) => verify(String(at), order));
  expect(await verify('late', order)).toMatchObject({ ok: false, code: 'SIGNATURES_BUSY' });
  for (let at = 0; at < LANE_MAX; at += 1) {
    pauses[at]?.end();
    await waiting[at];
  }
  expect(order).toEqual(['first', ...waiting.map((_one, at) => String(at))]);
});

test('a verification that throws frees the lane', async () => {
  const { lane, pauses, verify } = handMade();
  const broken = lane.verify(() => {
    throw new Error('a bug');
  });
  await expect(broken).rejects.toThrow('a bug');
  pauses[0]?.end();
  await turns();
  expect(await verify('next', [])).toEqual(accept('next'));
});
