import type { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { balanceTree } from '@subnetes/transparency/balance-tree';
import { formatCheckpoint } from '@subnetes/transparency/checkpoint';
import { CompactRange } from '@subnetes/transparency/compact-range';
import { entryLeaf } from '@subnetes/transparency/entry-leaf';
import { ledgerOrigin } from '@subnetes/transparency/ledger-origin';
import { type NoteSigner, noteSigner } from '@subnetes/transparency/note-signer';
import { formatNote } from '@subnetes/transparency/signed-note';
import { tileHashPlace } from '@subnetes/transparency/tile';
import { TiledTree } from '@subnetes/transparency/tiled-tree';
import { leafHash } from '@subnetes/transparency/tree-hash';
import { formatVerifierKey } from '@subnetes/transparency/verifier-key';
import { chained, type Entry } from './fake-journal.ts';

type LogHandlers = Pick<RpcHandlers<typeof Ledger>, 'getCheckpoint' | 'getInclusionProof' | 'getBalanceProof'>;

/** The log of a journal, signed as the ledger signs; its tree is of the entries as they were when this was called. */
export function fakeLog(
  entries: readonly Entry[],
  networkId: Buffer,
): { readonly handlers: LogHandlers; readonly key: string } {
  const origin = ledgerOrigin(networkId.toString('hex'));
  const signer = noteSigner(origin, new Uint8Array(32).fill(5));
  if (!signer.ok) throw new Error(signer.message);
  const range = CompactRange.empty();
  const tiles = new Map<string, Uint8Array[]>();
  for (const { sequence, hash } of entries) {
    range.append(leafHash(entryLeaf(Number(sequence), hash.toString('hex'))), (node, nodeHash) => {
      const place = tileHashPlace(node);
      if (place === undefined) return;
      const key = `${place.level}/${place.index}`;
      tiles.set(key, [...(tiles.get(key) ?? []), nodeHash]);
    });
  }
  const tree = new TiledTree(range.size, async ({ level, index, width }) =>
    Buffer.concat((tiles.get(`${level}/${index}`) ?? []).slice(0, width)),
  );
  const text = formatCheckpoint({ origin, size: range.size, root: range.root(), extensions: [] });
  const checkpoint = {
    note: Buffer.from(formatNote({ text, signatures: [signer.value.sign(text)] })),
    size: BigInt(range.size),
    verifierKey: formatVerifierKey(signer.value.key),
  };
  return {
    key: checkpoint.verifierKey,
    handlers: {
      getCheckpoint: async () => checkpoint,
      async getInclusionProof({ by }) {
        const sequence = by.case === 'sequence' ? Number(by.value) : by.value === 'epoch:1:5' ? range.size : 0;
        const [entry, proof] = [entries[sequence - 1], await tree.inclusionProof(Math.max(0, sequence - 1))];
        if (entry === undefined || !proof.ok) {
          throw new RpcError({ code: RpcCode.NOT_FOUND, reason: 'NOT_IN_CHECKPOINT', message: 'no such entry' });
        }
        const previousHash = entries[sequence - 2]?.hash ?? Buffer.alloc(32);
        return { checkpoint, entry, previousHash, hashes: [...proof.value] };
      },
      getBalanceProof: ({ account }) => balanceProofOf(account, { origin, signer: signer.value }),
    },
  };
}

/** A log of one entry, which holds the root over three balances after epoch 5. */
async function balanceProofOf(account: string, log: { readonly origin: string; readonly signer: NoteSigner }) {
  const tree = balanceTree(40, [
    { asset: 'TAO', account: 'coldkey-of-garch', balance: 4n },
    { asset: 'TAO', account: 'owner', balance: 3n },
    { asset: 'TAO', account: 'mint', balance: -7n },
  ]);
  const root = Buffer.from(tree.root).toString('hex');
  const payloadJson = `{"accounts":3,"asset":"TAO","index":5,"netuid":1,"root":"${root}","sequence":40}`;
  const [entry] = chained([
    { sequence: 1n, block: 9n, kind: 'Balances', hash: Buffer.alloc(32), payloadJson, postings: [] },
  ]);
  if (entry === undefined) throw new Error('one entry was made');
  const leaf = leafHash(entryLeaf(1, entry.hash.toString('hex')));
  const text = formatCheckpoint({ origin: log.origin, size: 1, root: leaf, extensions: [] });
  const note = Buffer.from(formatNote({ text, signatures: [log.signer.sign(text)] }));
  const checkpoint = { note, size: 1n, verifierKey: formatVerifierKey(log.signer.key) };
  const { header, leaves } = await tree.prove('TAO', account);
  const toWire = ({ text: leafText, index, proof }: typeof header) => ({
    text: leafText,
    index: BigInt(index),
    hashes: [...proof],
  });
  return {
    root: { checkpoint, entry, previousHash: Buffer.alloc(32), hashes: [] },
    header: toWire(header),
    leaves: leaves.map(toWire),
  };
}
