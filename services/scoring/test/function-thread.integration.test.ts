import { fileURLToPath } from 'node:url';
import { OutageError } from '@subnetes/runtime/errors';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FunctionThread, functionThread } from '#adapters/function-thread.ts';
import type { FunctionCall } from '#domain/function-calls.ts';
import { exampleModule } from './function-samples.ts';
import { functionsHere } from './memory-functions.ts';

const program = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const MODULE = exampleModule('winner-takes-most');
let thread: FunctionThread;

beforeAll(() => {
  thread = functionThread({ program });
});
afterAll(() => thread[Symbol.asyncDispose]());

/** A network of so many uids, of which the first earns most; `fuel` is granted. */
function callOf(neurons: number, fuel = 20_000_000): FunctionCall {
  const zeros = Array.from({ length: neurons }, () => 0n);
  const falling = zeros.map((_, uid) => BigInt(neurons - uid) << 20n);
  const all = (value: boolean): boolean[] => zeros.map(() => value);
  return {
    mechanismId: 0,
    rules: { sha256: 'ab'.repeat(32), fuel },
    input: {
      epoch: 3,
      block: 60,
      lastEpochBlock: 40,
      tempo: 20,
      kappaU16: 32_767,
      ownerUid: null,
      incentive: falling,
      consensus: falling,
      rank: falling,
      trust: falling,
      validatorTrust: zeros,
      stake: zeros,
      registeredAt: zeros.map(() => 1),
      isVacant: all(false),
      isActive: all(true),
      hasPermit: all(false),
      state: new Uint8Array(0),
    },
  };
}

test('a thread answers what this thread answers, refusals too, in the order of the calls', async () => {
  const calls = [callOf(4), callOf(64, 10), callOf(256)];
  const answers = await thread.run(MODULE, calls);
  expect(answers).toEqual(await functionsHere().run(MODULE, calls));
  expect(answers[1]).toMatchObject({ refusal: { code: 'FUEL_EXHAUSTED', fuelUsed: 10 } });
});

test('a module that may not run is refused by its code, and so is each call of it', async () => {
  const broken = Uint8Array.of(0, 1, 2);
  expect(await thread.check(broken)).toMatchObject({ code: 'MODULE_MALFORMED' });
  expect(await thread.check(MODULE)).toBeUndefined();
  expect(await thread.run(broken, [callOf(4)])).toMatchObject([{ refusal: { code: 'MODULE_MALFORMED' } }]);
});

test('while functions run this thread goes on', async () => {
  let turns = 0;
  const count = (): void => {
    turns += 1;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  await thread.run(
    MODULE,
    Array.from({ length: 200 }, () => callOf(256)),
  );
  clearImmediate(next);
  expect(turns).toBeGreaterThan(50);
});

test('a thread that ends leaves an outage to those who wait, and the next call starts another', async () => {
  // More than it can have done before its end comes, on whatever machine.
  const waiting = Array.from({ length: 40 }, () => thread.run(MODULE, [callOf(256)]));
  const ended = Promise.allSettled([...waiting, thread.check(MODULE)]);
  await thread[Symbol.asyncDispose]();
  const outcomes = await ended;
  expect(outcomes.at(-1)).toMatchObject({ status: 'rejected', reason: expect.any(OutageError) });
  const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
  expect(reasons.filter((reason) => !(reason instanceof OutageError))).toEqual([]);
  expect(await thread.run(MODULE, [callOf(4)])).toHaveLength(1);
});

test('a program that is no worker is an outage, not a wait for ever', async () => {
  await using broken = functionThread({ program: fileURLToPath(new URL('nowhere.ts', import.meta.url)) });
  await expect(broken.check(MODULE)).rejects.toThrow(OutageError);
});

test('more than can wait is refused at once', async () => {
  await using busy = functionThread({ program });
  const many = Promise.allSettled(Array.from({ length: 80 }, () => busy.check(MODULE)));
  const refused = (await many).filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(80 - 64);
});
