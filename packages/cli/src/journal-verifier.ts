import { AccountFloors } from '@subnetes/money/account-floors';
import { createHash } from 'node:crypto';
import { canonicalJson } from '@subnetes/consensus/epoch-json';
import { BalanceRoots } from './balance-roots.ts';

/** One entry as the ledger lists it. */
export interface ListedEntry {
  readonly sequence: bigint;
  readonly block: bigint;
  readonly kind: string;
  readonly hash: Uint8Array;
  readonly payloadJson: string;
  readonly postings: readonly {
    readonly account: string;
    readonly asset: string;
    readonly delta: string;
    readonly balanceAfter: string;
  }[];
}

/** The first thing that does not fit. */
export interface Finding {
  readonly sequence: string;
  readonly code:
    | 'SEQUENCE_GAP'
    | 'HASH_MISMATCH'
    | 'UNBALANCED'
    | 'BALANCE_MISMATCH'
    | 'NEGATIVE_BALANCE'
    | 'BALANCES_MISMATCH'
    | 'CHECKPOINT_BROKEN';
  readonly message: string;
}

/** Where the verification stands. */
export interface JournalProof {
  readonly entries: number;
  readonly lastSequence: bigint;
  /** Hex hash of the last entry. */
  readonly headHash: string;
  /** Recomputed balances by `asset/account`. */
  readonly balances: ReadonlyMap<string, bigint>;
  readonly findings: readonly Finding[];
}

const GENESIS_PREVIOUS_HASH = '0'.repeat(64);
const MINT = 'mint';
const FINDINGS_MAX = 20;

/**
 * Follows a journal from its first entry: each hash is sha256 over the 32 bytes of the hash before it and the canonical text of
 * block, kind, payload and postings; postings of an entry sum to zero in each asset; balances are kept here and compared.
 */
export class JournalVerifier {
  readonly #balances = new Map<string, bigint>();
  readonly #findings: Finding[] = [];
  readonly #floors = new AccountFloors();
  readonly #roots = new BalanceRoots();
  #previousHash = GENESIS_PREVIOUS_HASH;
  #sequence = 0n;
  #entries = 0;

  /** Takes the next entry. After a broken hash it goes on from the stored one, so that one break is one finding. */
  take(entry: ListedEntry): void {
    this.#entries += 1;
    if (entry.sequence !== this.#sequence + 1n)
      this.#find(entry, 'SEQUENCE_GAP', `entry ${entry.sequence} follows ${this.#sequence}`);
    this.#sequence = entry.sequence;
    const stored = Buffer.from(entry.hash).toString('hex');
    const computed = chainHash(this.#previousHash, entryText(entry));
    if (stored !== computed) this.#find(entry, 'HASH_MISMATCH', `its hash is ${stored}, its content gives ${computed}`);
    this.#previousHash = stored;
    this.#follow(entry);
  }

  /** What was found so far. */
  proof(): JournalProof {
    return {
      entries: this.#entries,
      lastSequence: this.#sequence,
      headHash: this.#previousHash,
      balances: this.#balances,
      findings: this.#findings,
    };
  }

  #follow(entry: ListedEntry): void {
    this.#floors.take(entry);
    const sums = new Map<string, bigint>();
    for (const { account, asset, delta, balanceAfter } of entry.postings) {
      sums.set(asset, (sums.get(asset) ?? 0n) + BigInt(delta));
      const key = `${asset}/${account}`;
      const balance = (this.#balances.get(key) ?? 0n) + BigInt(delta);
      this.#balances.set(key, balance);
      if (balance !== BigInt(balanceAfter))
        this.#find(
          entry,
          'BALANCE_MISMATCH',
          `${account} stands at ${balanceAfter} ${asset} in the entry, its postings sum to ${balance}`,
        );
      if (balance < this.#floors.of(account) && account !== MINT)
        this.#find(entry, 'NEGATIVE_BALANCE', `${account} stands at ${balance} ${asset}`);
    }
    for (const [asset, sum] of sums) {
      if (sum !== 0n) this.#find(entry, 'UNBALANCED', `its postings of ${asset} sum to ${sum} instead of zero`);
    }
    const mismatch = this.#roots.take(entry, this.#balances);
    if (mismatch !== undefined) this.#find(entry, 'BALANCES_MISMATCH', mismatch);
  }

  #find(entry: ListedEntry, code: Finding['code'], message: string): void {
    if (this.#findings.length < FINDINGS_MAX)
      this.#findings.push({ sequence: entry.sequence.toString(), code, message });
  }
}

/** The canonical text that an entry's hash covers. */
export function entryText({
  block,
  kind,
  payloadJson,
  postings,
}: Pick<ListedEntry, 'block' | 'kind' | 'payloadJson' | 'postings'>): string {
  const legs = canonicalJson(
    postings.map(({ account, asset, delta, balanceAfter }) => ({ account, asset, balanceAfter, delta })),
  );
  return `{"block":${block},"kind":${JSON.stringify(kind)},"payload":${payloadJson},"postings":${legs}}`;
}

function chainHash(previousHash: string, text: string): string {
  return createHash('sha256').update(Buffer.from(previousHash, 'hex')).update(text, 'utf8').digest('hex');
}
