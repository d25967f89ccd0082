import { describe, expect, test } from 'vitest';
import { LINE_BYTES_MAX, readJsonLines } from './json-lines.ts';

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function collect(source: AsyncIterable<unknown>): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const value of source) values.push(value);
  return values;
}

describe('readJsonLines', () => {
  test('puts lines together that arrive in pieces', async () => {
    expect(await collect(readJsonLines(chunks('{"a"', ':1}\n{"b":', '2}\n\n[3]\n')))).toEqual([
      { a: 1 },
      { b: 2 },
      [3],
    ]);
  });

  test('keeps characters whole that a chunk border splits', async () => {
    const bytes = Buffer.from('{"name":"größe"}\n');
    const split = async function* (): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 12);
      yield bytes.subarray(12);
    };
    expect(await collect(readJsonLines(split()))).toEqual([{ name: 'größe' }]);
  });

  test('drops a last line that was cut off', async () => {
    expect(await collect(readJsonLines(chunks('{"a":1}\n{"b":')))).toEqual([{ a: 1 }]);
  });

  test('refuses a line over the limit', async () => {
    await expect(collect(readJsonLines(chunks('x'.repeat(LINE_BYTES_MAX), 'y')))).rejects.toThrow('longer than');
  });
});
