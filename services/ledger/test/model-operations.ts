import type { Operation } from './model.ts';

/** Operations one after the other; the same for the same seed. */
export interface Operations {
  readonly operation: () => Operation;
  /** A whole number from 0 up to, and without, the limit. */
  readonly below: (limit: number) => number;
}

/** Ids from which repeats and other content under the same id are drawn. */
const REMEMBERED = 4000;
/** A hold lives so many blocks at most, which keeps few open. */
const HOLD_BLOCKS = 6;

/** Makes what clients do and what they should not: half of it is taken, the rest refused or a repeat. */
export function operationsFrom(seed: number, accounts: readonly string[], blockOf: () => number): Operations {
  const below = randomBelow(seed);
  const asked: Operation[] = [];
  const holds: string[] = [];
  let count = 0;
  const pick = <T>(list: readonly T[]): T | undefined => list[below(list.length)];
  const id = (): string => `${(count += 1)}`;
  const account = (): string => pick(accounts) ?? '';
  const payee = (): string => (below(20) === 0 ? 'network' : account());
  // Now and then nothing, less than nothing, or all that there is.
  const amount = (): bigint => [0n, -1n, 2_000_000n][below(60)] ?? BigInt(1 + below(20_000));
  const makers: readonly (readonly [weight: number, make: () => Operation])[] = [
    [30, () => ({ kind: 'transfer', id: id(), from: account(), to: payee(), amount: amount() })],
    [
      20,
      () => {
        const hold = id();
        holds.push(hold);
        if (holds.length > 200) holds.shift();
        return {
          kind: 'hold',
          id: hold,
          account: account(),
          amount: amount(),
          expiresAtBlock: blockOf() + below(HOLD_BLOCKS),
        };
      },
    ],
    [
      20,
      () => {
        const parts = Array.from({ length: below(4) }, () => ({ to: payee(), amount: amount() / 2n }));
        return { kind: 'post', id: id(), holdId: pick(holds) ?? 'none', parts, close: below(3) > 0 };
      },
    ],
    [6, () => ({ kind: 'void', id: pick(holds) ?? 'none' })],
    [1, () => ({ kind: 'block' })],
    [8, () => pick(asked) ?? { kind: 'block' }],
    [4, () => otherContent(pick(asked) ?? { kind: 'block' })],
    [1, () => ({ kind: 'post', id: id(), holdId: `unknown-${id()}`, parts: [], close: true })],
  ];
  const wheel = makers.flatMap(([weight, make]) => Array.from({ length: weight }, () => make));
  return {
    below,
    operation() {
      const made = pick(wheel)?.() ?? { kind: 'block' as const };
      if (made.kind !== 'block' && made.kind !== 'void') asked[count % REMEMBERED] = made;
      return made;
    },
  };
}

function otherContent(operation: Operation): Operation {
  if (operation.kind === 'transfer' || operation.kind === 'hold')
    return { ...operation, amount: operation.amount + 1n };
  return operation.kind === 'post' ? { ...operation, close: !operation.close } : operation;
}

/** mulberry32: a generator of 32 bits, good enough to choose by. */
function randomBelow(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}
