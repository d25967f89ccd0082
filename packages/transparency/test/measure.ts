import { parseArgs } from 'node:util';
import { CompactRange } from '@subnetes/transparency/compact-range';
import { entryLeaf } from '@subnetes/transparency/entry-leaf';
import { formatEntryProof } from '@subnetes/transparency/entry-proof';
import { leafHash } from '@subnetes/transparency/tree-hash';
import { splitOf } from '@subnetes/transparency/tree-shape';
import { signedCheckpoint } from './signed-log.ts';

/** How fast entries become leaves of a tree, and how large proofs are. `node packages/transparency/test/measure.ts --leaves 200000` */

const { values } = parseArgs({ options: { leaves: { type: 'string', default: '200000' } } });
const ENTRIES = 10_000_000;
const HASH = 'ab'.repeat(32);

function leavesASecond(leaves: number): number {
  const range = CompactRange.empty();
  const started = performance.now();
  for (let at = 1; at <= leaves; at += 1) range.append(leafHash(entryLeaf(at, HASH)));
  range.root();
  return Math.round((leaves / (performance.now() - started)) * 1000);
}

/** The most hashes that a path in a tree of that size has. */
function pathMax(size: number): number {
  return size <= 1 ? 0 : 1 + pathMax(splitOf(size));
}

const hashes = pathMax(ENTRIES);
const note = signedCheckpoint(1);
const proof = Array.from({ length: hashes }, () => new Uint8Array(32));
const file = formatEntryProof({ sequence: ENTRIES, previousHash: HASH, text: '', proof, note });
leavesASecond(20_000); // warms up
process.stdout.write(
  `${leavesASecond(Number(values.leaves))} leaves a second; at ${ENTRIES} entries at most ${hashes} hashes, ` +
    `${hashes * 32} bytes; a file without its entry has ${file.length} bytes\n`,
);
