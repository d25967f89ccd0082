import type { Checkpoint } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { CompactRange } from '@subnetes/transparency/compact-range';
import { entryLeaf } from '@subnetes/transparency/entry-leaf';
import { ledgerOrigin } from '@subnetes/transparency/ledger-origin';
import { isSameHash, leafHash } from '@subnetes/transparency/tree-hash';
import { judgeCheckpoint, trustPolicy } from '@subnetes/transparency/trust-policy';
import { parseVerifierKey } from '@subnetes/transparency/verifier-key';
import type { Finding, ListedEntry } from './journal-verifier.ts';

/** Builds the tree of a journal that is followed from its first entry, and compares it with a signed checkpoint. */
export class JournalTreeCheck {
  readonly #range = CompactRange.empty();
  readonly #checkpoint: Checkpoint;
  #root: Uint8Array | undefined;

  constructor(checkpoint: Checkpoint) {
    this.#checkpoint = checkpoint;
  }

  /** Takes the next entry. What is not the next one has been found by the chain's check. */
  take(entry: ListedEntry): void {
    if (entry.sequence !== BigInt(this.#range.size) + 1n) return;
    this.#range.append(leafHash(entryLeaf(Number(entry.sequence), Buffer.from(entry.hash).toString('hex'))));
    if (BigInt(this.#range.size) === this.#checkpoint.size) this.#root = this.#range.root();
  }

  /** What does not fit. @param logKey the key to believe; the one that the ledger names if it is undefined */
  findings(networkId: string, logKey: string | undefined): readonly Finding[] {
    const { note, size, verifierKey } = this.#checkpoint;
    const find = (message: string): readonly Finding[] => [
      { sequence: size.toString(), code: 'CHECKPOINT_BROKEN', message },
    ];
    const key = parseVerifierKey(logKey ?? verifierKey);
    if (!key.ok) return find(key.message);
    const policy = trustPolicy({
      origin: ledgerOrigin(networkId),
      logKeys: [key.value],
      witnesses: [],
      witnessesMin: 0,
    });
    const trusted = policy.ok ? judgeCheckpoint(note, policy.value) : policy;
    if (!trusted.ok) return find(trusted.message);
    const { checkpoint } = trusted.value;
    if (BigInt(checkpoint.size) !== size) return find(`it is for ${checkpoint.size} entries, the ledger says ${size}`);
    if (this.#root === undefined) return find(`it is for ${size} entries, ${this.#range.size} could be followed`);
    return isSameHash(this.#root, checkpoint.root) ? [] : find('the entries give another root than was signed');
  }
}
