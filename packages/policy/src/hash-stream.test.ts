import { expect, test } from 'vitest';
import { MACHINERY } from '../test/network.ts';
import { HashStream } from './hash-stream.ts';

const stream = (label: string): HashStream => new HashStream(label, MACHINERY.sha256);

test('the words are those of sha256 over label and counter', () => {
  // printf 'a\n0' | sha256sum begins with 6f3d685d 893171d1.
  const numbers = stream('a');
  expect([numbers.below(2 ** 32), numbers.below(2 ** 32)]).toEqual([0x6f3d685d, 0x893171d1]);
});

test('every number comes equally often', () => {
  const counts = Array.from({ length: 7 }, () => 0);
  const numbers = stream('even');
  for (let draw = 0; draw < 14_000; draw += 1) counts[numbers.below(7)]! += 1;
  // 2000 each with a deviation of 41: six of them, and no seed to be lucky with.
  for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(250);
});

test('every order comes equally often, and none loses an item', () => {
  const seen = new Map<string, number>();
  const numbers = stream('orders');
  for (let draw = 0; draw < 2400; draw += 1) {
    const order = numbers.shuffle(['a', 'b', 'c', 'd']);
    expect(order.toSorted()).toEqual(['a', 'b', 'c', 'd']);
    seen.set(order.join(''), (seen.get(order.join('')) ?? 0) + 1);
  }
  expect(seen.size).toBe(24);
  for (const count of seen.values()) expect(Math.abs(count - 100)).toBeLessThan(60);
});

test('a number past the last multiple is thrown away instead of folded', () => {
  const words = [0xffff_ffff, 5];
  const bytes = new Uint8Array(32);
  for (const [index, word] of words.entries()) new DataView(bytes.buffer).setUint32(4 * index, word);
  expect(new HashStream('', () => bytes).below(3)).toBe(2); // 2^32 - 1 is the one word too many for thirds
});
