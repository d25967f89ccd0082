import { type BalanceProof, type ProvenText, verifyBalance } from './balance-tree.ts';
import { checkEntryProof, type ProvenEntry } from './entry-proof.ts';
import { base64Of, bytesOfBase64, bytesOfText, numberOfText, textOfBytes } from './note-text.ts';
import { accept, type Decision, type Refusal, refuse } from './refusal.ts';
import type { TrustPolicy } from './trust-policy.ts';
import { parseHashLines } from './witness-request.ts';

/**
 * A file that shows, without any network, what an account had when an epoch was paid: leaves of the tree over all balances
 * with their paths, then the proof of the entry that holds the tree's root.
 */

const FIRST_LINE = 'subnetes/balance-proof/v1';
/** Header, and the account or its two neighbours. */
const LEAVES_MAX = 3;
const TEXT_BYTES_MAX = 4096;

/** A balance that a ledger committed itself to, as far as the policy's keys are to be believed. */
export interface ProvenBalance {
  readonly asset: string;
  readonly account: string;
  /** Smallest units; zero where the proof shows that the account has nothing. */
  readonly balance: bigint;
  readonly netuid: number;
  /** Index of the epoch. */
  readonly epoch: number;
  /** The entry that paid the epoch: the balance is the one right after it. */
  readonly sequence: number;
  /** The entry that holds the root. */
  readonly root: ProvenEntry;
}

export function formatBalanceProof(proof: BalanceProof, entryProof: Uint8Array): Uint8Array {
  const leaves = [proof.header, ...proof.leaves].flatMap(({ text, index, proof: path }) => [
    `leaf ${index} ${base64Of(bytesOfText(text))}`,
    ...path.map(base64Of),
  ]);
  const head = bytesOfText([FIRST_LINE, ...leaves, '', ''].join('\n'));
  const file = new Uint8Array(head.length + entryProof.length);
  file.set(head);
  file.set(entryProof, head.length);
  return file;
}

/** Whether a file says of itself that it is one; what it is worth `checkBalanceProof` tells. */
export function isBalanceProof(file: Uint8Array): boolean {
  return textOfBytes(file.subarray(0, FIRST_LINE.length)) === FIRST_LINE;
}

/** Checks a file from its bytes alone. */
export function checkBalanceProof(file: Uint8Array, policy: TrustPolicy, account: string): Decision<ProvenBalance> {
  const parsed = parse(file);
  if (!parsed.ok) return parsed;
  const root = checkEntryProof(parsed.value.entryProof, policy);
  if (!root.ok) return root;
  const { kind, payload } = root.value.entry;
  const { asset, netuid, index: epoch, sequence, root: hex } = payload;
  if (kind !== 'Balances' || typeof asset !== 'string' || typeof hex !== 'string' || !/^[0-9a-f]{64}$/.test(hex)) {
    return refuse('ENTRY_MISMATCH', 'the entry holds no root of balances');
  }
  if (typeof netuid !== 'number' || typeof epoch !== 'number' || typeof sequence !== 'number') {
    return refuse('ENTRY_MALFORMED', 'the entry does not say of which epoch its balances are');
  }
  const expected = {
    root: Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)),
    asset,
    account,
  };
  const verified = verifyBalance(parsed.value.proof, expected);
  if (!verified.ok) return verified;
  if (verified.value.sequence !== sequence) return malformed('is of the same entry in its tree and in its root');
  return accept({ asset, account, balance: verified.value.balance, netuid, epoch, sequence, root: root.value });
}

function parse(file: Uint8Array): Decision<{ readonly proof: BalanceProof; readonly entryProof: Uint8Array }> {
  const text = textOfBytes(file);
  const split = text?.indexOf('\n\n') ?? -1;
  if (text === undefined || split < 0) return malformed('has a blank line before its entry');
  const [first, ...lines] = text.slice(0, split).split('\n');
  if (first !== FIRST_LINE) return malformed(`begins with ${FIRST_LINE}`);
  const leaves: ProvenText[] = [];
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    const end = lines.findIndex((other) => other.startsWith('leaf '));
    const leaf = leafOf(line, lines.splice(0, end < 0 ? lines.length : end));
    if (leaf === undefined || leaves.length === LEAVES_MAX)
      return malformed('has two or three leaves with their hashes');
    leaves.push(leaf);
  }
  const [header, ...rest] = leaves;
  if (header === undefined) return malformed('has a header');
  return accept({ proof: { header, leaves: rest }, entryProof: bytesOfText(text.slice(split + 2)) });
}

function leafOf(line: string, hashes: readonly string[]): ProvenText | undefined {
  const [word, indexText = '', base64 = '', ...more] = line.split(' ');
  const [index, bytes, proof] = [numberOfText(indexText), bytesOfBase64(base64), parseHashLines(hashes)];
  if (word !== 'leaf' || more.length > 0 || index === undefined || bytes === undefined || proof === undefined) {
    return undefined;
  }
  const text = bytes.length > TEXT_BYTES_MAX ? undefined : textOfBytes(bytes);
  return text === undefined ? undefined : { text, index, proof };
}

function malformed(what: string): Refusal {
  return refuse('BALANCES_MALFORMED', `a proof of a balance ${what}`);
}
