import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { commitHash } from './commit-hash.ts';

interface Item {
  readonly hotkey_hex: string;
  readonly netuid_index: number;
  readonly uids: readonly number[];
  readonly values: readonly number[];
  readonly salt: readonly number[];
  readonly version_key: number;
}

const file = path.resolve(import.meta.dirname, '../../consensus/test/vectors/weight-commit-hash.json');
const { inputs, expected } = JSON.parse(readFileSync(file, 'utf8')) as { inputs: { items: Item[] }; expected: unknown };

test('the chain hashes commits so', () => {
  const digests = inputs.items.map((item) =>
    Buffer.from(
      commitHash({
        hotkey: Buffer.from(item.hotkey_hex, 'hex'),
        netuid: item.netuid_index % 4096,
        mechanismId: Math.floor(item.netuid_index / 4096),
        uids: item.uids,
        values: item.values,
        salt: item.salt,
        versionKey: BigInt(item.version_key),
      }),
    ).toString('hex'),
  );
  expect(digests.length).toBeGreaterThan(2);
  for (const digest of digests) expect(JSON.stringify(expected)).toContain(digest);
});
