import { expect, test } from 'vitest';
import { LOG, logKey, ORIGIN, signedCheckpoint, valueOf, witnessKey } from '../test/signed-log.ts';
import { storedTree } from '../test/stored-tree.ts';
import { bytesOfText } from './note-text.ts';
import { parseNote, parseSignatureLines, verifyNote } from './signed-note.ts';
import { TiledTree } from './tiled-tree.ts';
import { EMPTY_ROOT } from './tree-hash.ts';
import { makeWitness, type WitnessedTree, type WitnessState } from './witness.ts';
import { ADD_CHECKPOINT_BYTES_MAX, formatAddCheckpoint, parseAddCheckpoint } from './witness-request.ts';

const WITNESS = witnessKey(11);

/** A witness' memory, which tests can read and hold up. */
class MemoryState implements WitnessState {
  readonly trees = new Map<string, WitnessedTree>();
  beforeReplace: (() => Promise<void>) | undefined;

  async read(origin: string): Promise<WitnessedTree | undefined> {
    return this.trees.get(origin);
  }

  async replace(origin: string, before: number, tree: WitnessedTree): Promise<boolean> {
    const hold = this.beforeReplace;
    this.beforeReplace = undefined;
    await hold?.();
    if ((this.trees.get(origin)?.size ?? 0) !== before) return false;
    this.trees.set(origin, tree);
    return true;
  }
}

function witnessOf(state = new MemoryState()) {
  const ask = makeWitness({
    logs: new Map([[ORIGIN, [LOG.key]]]),
    cosigner: WITNESS,
    state,
    nowSeconds: () => 1234,
  });
  return { ask, state };
}

async function request(oldSize: number, size: number, note = signedCheckpoint(size)): Promise<Uint8Array> {
  const tree = new TiledTree(size, storedTree(size).readTile);
  return formatAddCheckpoint({ oldSize, proof: valueOf(await tree.consistencyProof(oldSize)), note });
}

test('a witness follows a log from its beginning and signs what continues', async () => {
  const { ask, state } = witnessOf();
  for (const [oldSize, size] of [
    [0, 1],
    [1, 7],
    [7, 7],
    [7, 300],
  ] as const) {
    const answer = await ask(await request(oldSize, size));
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.message}`);
    const { text } = valueOf(parseNote(signedCheckpoint(size)));
    const signatures = valueOf(parseSignatureLines(answer.signatures));
    expect(verifyNote({ text, signatures }, [WITNESS.key])).toEqual({
      ok: true,
      value: [{ key: WITNESS.key, timeSeconds: 1234 }],
    });
    expect(state.trees.get(ORIGIN)?.size).toBe(size);
  }
});

test('a witness never goes back, whatever the log signs', async () => {
  const { ask, state } = witnessOf();
  await ask(await request(0, 300));
  expect(await ask(await request(0, 200))).toMatchObject({ status: 409, code: 'SIZE_CONFLICT', witnessedSize: 300 });
  expect(await ask(await request(200, 301))).toMatchObject({ status: 409, witnessedSize: 300 });
  const note = signedCheckpoint(200);
  expect(await ask(formatAddCheckpoint({ oldSize: 300, proof: [], note }))).toMatchObject({ status: 400 });
  expect(state.trees.get(ORIGIN)?.size).toBe(300);
});

test('a fork is refused: another root of the same size, or a larger tree with another past', async () => {
  const { ask } = witnessOf();
  await ask(await request(0, 300));
  const fork = signedCheckpoint(300, { root: storedTree(299).range.root() });
  expect(await ask(formatAddCheckpoint({ oldSize: 300, proof: [], note: fork }))).toMatchObject({
    status: 422,
    code: 'PROOF_WRONG',
  });
  const longer = signedCheckpoint(310, { root: storedTree(309).range.root() });
  expect(await ask(await request(300, 310, longer))).toMatchObject({ status: 422, code: 'PROOF_WRONG' });
});

test('of two requests at once one is signed: the state is exchanged in one step', async () => {
  const { ask, state } = witnessOf();
  await ask(await request(0, 7));
  const [longer, shorter] = [await request(7, 300), await request(7, 20)];
  state.beforeReplace = async () => {
    expect((await ask(longer)).status).toBe(200);
  };
  expect(await ask(shorter)).toMatchObject({ status: 409, witnessedSize: 300 });
  expect(state.trees.get(ORIGIN)?.size).toBe(300);
});

test.for([
  ['an unknown log', signedCheckpoint(5, { origin: 'log.example/other' }), 404, 'ORIGIN_UNKNOWN'],
  ["a stranger's signature", signedCheckpoint(5, { signer: logKey(2) }), 403, 'SIGNATURE_MISSING'],
  [
    'an altered checkpoint',
    bytesOfText(Buffer.from(signedCheckpoint(5)).toString().replace('\n5\n', '\n6\n')),
    403,
    'SIGNATURE_INVALID',
  ],
  ['no note', bytesOfText('hello'), 400, 'NOTE_MALFORMED'],
  ['an empty tree with a root', signedCheckpoint(0, { root: LOG.key.publicKey }), 422, 'PROOF_WRONG'],
] as const)('%s is answered with its status', async ([, note, status, code]) => {
  const { ask, state } = witnessOf();
  expect(await ask(formatAddCheckpoint({ oldSize: 0, proof: [], note }))).toMatchObject({ status, code });
  expect(state.trees.size).toBe(0);
});

test('the first checkpoint comes without a proof', async () => {
  const { ask } = witnessOf();
  const note = signedCheckpoint(5);
  expect(await ask(formatAddCheckpoint({ oldSize: 0, proof: [EMPTY_ROOT], note }))).toMatchObject({ status: 422 });
});

test.for([
  ['', 'no line'],
  ['old 1\n', 'no checkpoint'],
  ['new 1\n\nx\n', 'another word'],
  ['old 01\n\nx\n', 'a leading zero'],
  ['old 1\nAAAA\n\nx\n', 'a short hash'],
  [`old 1\n${'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'.repeat(64)}\nx\n`, 'too many hashes'],
] as const)('%j is no request: %s', ([body]) => {
  expect(parseAddCheckpoint(bytesOfText(body))).toMatchObject({ ok: false, code: 'REQUEST_MALFORMED' });
});

test('a request that is too large is not read', () => {
  expect(parseAddCheckpoint(new Uint8Array(ADD_CHECKPOINT_BYTES_MAX + 1)).ok).toBe(false);
});
