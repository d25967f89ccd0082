import { type Balance, balanceText, compareBalances, headerText, parseBalance, parseHeader } from './balance-leaf.ts';
import { CompactRange } from './compact-range.ts';
import { bytesOfText } from './note-text.ts';
import { accept, type Decision, type Refusal, refuse } from './refusal.ts';
import { tileHashPlace, type Tile } from './tile.ts';
import { TiledTree } from './tiled-tree.ts';
import { HASH_BYTES, leafHash } from './tree-hash.ts';
import { verifyInclusion } from './verify-proof.ts';

/**
 * All balances after an entry of the journal, as a tree of RFC 6962: a header, then the accounts by asset and name, so that
 * two neighbours show what is not between them. Sums are not in the nodes: see docs/adr/0022.
 */
export interface BalanceTree {
  readonly root: Uint8Array;
  /** Shows an account's balance, or that it has none. */
  readonly prove: (asset: string, account: string) => Promise<BalanceProof>;
}

/** A leaf's text with its path. */
export interface ProvenText {
  readonly text: string;
  readonly index: number;
  readonly proof: readonly Uint8Array[];
}

/** The header; and the account, or its two neighbours (the header is one of them before the first account). */
export interface BalanceProof {
  readonly header: ProvenText;
  readonly leaves: readonly ProvenText[];
}

/** Leaves that are hashed between two pauses: some milliseconds. */
const LEAVES_A_STEP = 1000;

/** @throws RangeError when an account stands in it twice, or an asset does not sum to zero */
export function balanceTree(sequence: number, balances: readonly Balance[]): BalanceTree {
  const steps = balanceTreeSteps(sequence, balances);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/**
 * The same in steps of some milliseconds, for whoever has something else to do in between.
 * @throws RangeError as `balanceTree` does
 */
export function* balanceTreeSteps(
  sequence: number,
  balances: readonly Balance[],
): Generator<undefined, BalanceTree, undefined> {
  const sorted = balances.toSorted(compareBalances);
  const twice = sorted.find((one, at) => at > 0 && compareBalances(one, sorted[at - 1] ?? one) === 0);
  if (twice !== undefined) throw new RangeError(`${twice.asset}/${twice.account} has two balances`);
  const texts = [headerText({ sequence, count: sorted.length, totals: totalsOf(sorted) }), ...sorted.map(balanceText)];
  const tiles = new Map<string, Uint8Array[]>();
  const range = CompactRange.empty();
  for (const [at, text] of texts.entries()) {
    if (at % LEAVES_A_STEP === LEAVES_A_STEP - 1) yield;
    range.append(leafHash(bytesOfText(text)), (node, hash) => {
      const place = tileHashPlace(node);
      if (place === undefined) return;
      if (place.offset === 0) tiles.set(tileKey(place), [hash]);
      else tiles.get(tileKey(place))?.push(hash);
    });
  }
  const tree = new TiledTree(texts.length, async (tile) => joined(tiles.get(tileKey(tile)) ?? []));
  return { root: range.root(), prove: (asset, account) => prove(tree, texts, indexesOf(sorted, { asset, account })) };
}

/** What an account has by a proof; zero when the proof shows that it has no balance. */
export function verifyBalance(
  proof: BalanceProof,
  expected: { readonly root: Uint8Array; readonly asset: string; readonly account: string },
): Decision<{ readonly sequence: number; readonly balance: bigint }> {
  const header = parseHeader(proof.header.text);
  if (header === undefined || proof.header.index !== 0) return malformed('has a header that sums up its assets');
  const size = header.count + 1;
  for (const { text, index, proof: path } of [proof.header, ...proof.leaves]) {
    const claim = { index, size, leaf: leafHash(bytesOfText(text)), proof: path, root: expected.root };
    const included = verifyInclusion(claim);
    if (!included.ok) return included;
  }
  const found = judgeLeaves(proof.leaves, expected, size);
  return found.ok ? accept({ sequence: header.sequence, balance: found.value }) : found;
}

function judgeLeaves(
  leaves: BalanceProof['leaves'],
  wanted: { readonly asset: string; readonly account: string },
  size: number,
): Decision<bigint> {
  const [first, second, ...rest] = leaves;
  if (first === undefined || rest.length > 0) return malformed('shows one account or two neighbours');
  const [left, right] = [parseBalance(first.text), second === undefined ? undefined : parseBalance(second.text)];
  if (second === undefined && left !== undefined && compareBalances(left, wanted) === 0) return accept(left.balance);
  // Not there: what comes before it, and, right behind, what comes after it or the end.
  const isAfterLeft = first.index === 0 || (left !== undefined && compareBalances(left, wanted) < 0);
  const isEnd = second === undefined && first.index === size - 1;
  const isBeforeRight = second?.index === first.index + 1 && right !== undefined && compareBalances(wanted, right) < 0;
  return isAfterLeft && (isEnd || isBeforeRight)
    ? accept(0n)
    : refuse('BALANCE_ABSENT', `the proof says nothing of ${wanted.asset}/${wanted.account}`);
}

async function prove(tree: TiledTree, texts: readonly string[], indexes: readonly number[]): Promise<BalanceProof> {
  const [header, ...leaves] = await Promise.all(
    [0, ...indexes].map(async (index): Promise<ProvenText> => {
      const proof = await tree.inclusionProof(index);
      if (!proof.ok) throw new Error(`the tree cannot prove its own leaf ${index}: ${proof.message}`);
      return { text: texts[index] ?? '', index, proof: proof.value };
    }),
  );
  if (header === undefined) throw new Error('a balance tree has a header');
  return { header, leaves };
}

/** Of the account's leaf, or of its neighbours. */
function indexesOf(sorted: readonly Balance[], wanted: Omit<Balance, 'balance'>): readonly number[] {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const at = sorted[middle];
    if (at !== undefined && compareBalances(at, wanted) < 0) low = middle + 1;
    else high = middle;
  }
  const next = sorted[low];
  if (next !== undefined && compareBalances(next, wanted) === 0) return [low + 1];
  return next === undefined ? [low] : [low, low + 1];
}

function totalsOf(sorted: readonly Balance[]) {
  const totals = new Map<string, { asset: string; held: bigint; owed: bigint }>();
  for (const { asset, balance } of sorted) {
    const { held, owed } = totals.get(asset) ?? { held: 0n, owed: 0n };
    totals.set(asset, balance < 0n ? { asset, held, owed: owed + balance } : { asset, held: held + balance, owed });
  }
  for (const { asset, held, owed } of totals.values()) {
    if (held + owed !== 0n) throw new RangeError(`balances of ${asset} sum to ${held + owed} instead of zero`);
  }
  return [...totals.values()];
}

function tileKey({ level, index }: Pick<Tile, 'level' | 'index'>): string {
  return `${level}/${index}`;
}

function joined(hashes: readonly Uint8Array[]): Uint8Array {
  const content = new Uint8Array(hashes.length * HASH_BYTES);
  for (const [at, hash] of hashes.entries()) content.set(hash, at * HASH_BYTES);
  return content;
}

function malformed(what: string): Refusal {
  return refuse('BALANCES_MALFORMED', `a proof of a balance ${what}`);
}
