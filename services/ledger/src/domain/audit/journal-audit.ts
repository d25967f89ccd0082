import { AccountFloors } from '@subnetes/money/account-floors';
import { accountKey, MINT } from '../book/account.ts';
import { type ChainHash, GENESIS_PREVIOUS_HASH, hashedText, type JournalHead } from '../book/journal.ts';
import type { AuditedEntry } from './audited-entry.ts';
import type { Findings } from './finding.ts';
import { delegatorsBreak, type DelegatorsOwed, delegatorsOwed } from './delegators-paid.ts';
import { parentsBreak, type ParentsOwed, parentsOwed } from './parents-paid.ts';
import { IssuanceFollowed } from './issuance-followed.ts';
import { potBreak, rootBreak, type RootOwed, rootOwed } from './root-paid.ts';
import { type DueEpoch, dueEpochOf, paymentBreak, toldPaymentOf } from './paid-epoch.ts';

/**
 * Follows a journal from its first entry and keeps what it comes to: balances, the chain, epochs that are due. It shares
 * with the ledger the text that a hash covers and the names of accounts, and none of the code that decides.
 */
export class JournalAudit {
  readonly #chainHash: ChainHash;
  readonly #balances = new Map<string, bigint>();
  readonly #floors = new AccountFloors();
  readonly #due = new Map<number, DueEpoch>();
  /** By the payment before, if that was one. */
  #parents: ParentsOwed | undefined;
  #root: RootOwed | undefined;
  #owed: DelegatorsOwed | undefined;
  #head: JournalHead = { sequence: 0, hash: GENESIS_PREVIOUS_HASH };
  readonly #issuance = new IssuanceFollowed();

  constructor(chainHash: ChainHash) {
    this.#chainHash = chainHash;
  }

  get head(): JournalHead {
    return this.#head;
  }

  /** How far below zero the journal lets accounts be. */
  get floors(): Pick<AccountFloors, 'of'> {
    return this.#floors;
  }

  /** The network's own money; empty before genesis. */
  get asset(): string {
    return this.#issuance.cap?.asset ?? '';
  }

  /** By `asset/account`: what the postings sum to. */
  get balances(): ReadonlyMap<string, bigint> {
    return this.#balances;
  }

  /** Takes the next entry. After a break it goes on from what is stored, so that one break is found once. */
  take(entry: AuditedEntry, findings: Findings): void {
    const { sequence } = entry;
    if (sequence !== this.#head.sequence + 1) {
      findings.add('sequence', sequence, `entry ${sequence} follows entry ${this.#head.sequence}`);
    }
    if (this.#chainHash(this.#head.hash, hashedText(entry)) !== entry.hash) {
      findings.add('chain', sequence, `entry ${sequence} does not have the hash of its content after the entry before`);
    }
    this.#head = { sequence, hash: entry.hash };
    this.#floors.take({ kind: entry.kind, payloadJson: entry.payloadText });
    this.#follow(entry, findings);
    this.#checkIssuance(entry, findings);
    this.#followEpochs(entry, findings);
  }

  #follow({ sequence, postings }: AuditedEntry, findings: Findings): void {
    const sums = new Map<string, bigint>();
    for (const { account, asset, delta, balanceAfter } of postings) {
      sums.set(asset, (sums.get(asset) ?? 0n) + delta);
      const key = accountKey(asset, account);
      const balance = (this.#balances.get(key) ?? 0n) + delta;
      this.#balances.set(key, balance);
      if (balance !== balanceAfter) {
        const text = `${key} stands at ${balanceAfter} in entry ${sequence}, its postings sum to ${balance}`;
        findings.add('running_balance', sequence, text);
      }
      if (balance < this.#floors.of(account) && account !== MINT) {
        findings.add('floor', sequence, `${key} falls to ${balance}`);
      }
    }
    for (const [asset, sum] of sums) {
      if (sum === 0n) continue;
      findings.add('postings', sequence, `postings of ${asset} in entry ${sequence} sum to ${sum} instead of zero`);
    }
  }

  /** No block mints more than the reward; each subnet's token has a cap of its own, as high as the network's. */
  #checkIssuance(entry: AuditedEntry, findings: Findings): void {
    const { sequence, postings } = entry;
    const above = this.#issuance.take(entry, (asset) => this.#issued(asset));
    if (above !== undefined) findings.add('reward', sequence, `entry ${sequence} of ${above}`);
    const network = this.#issuance.cap;
    if (network === undefined) return;
    for (const { asset, account } of postings) {
      if (account !== MINT) continue;
      const issued = this.#issued(asset);
      const unit = asset === network.asset ? 'rao' : `of ${asset}`;
      if (issued > network.cap)
        findings.add('cap', sequence, `${issued} ${unit} are issued, the cap is ${network.cap}`);
    }
  }

  #issued(asset: string): bigint {
    return -(this.#balances.get(accountKey(asset, MINT)) ?? 0n);
  }

  #followEpochs(entry: AuditedEntry, findings: Findings): void {
    const given = parentsBreak(this.#parents, entry);
    if (given !== undefined) findings.add('parents', entry.sequence, given);
    this.#parents = undefined;
    // Root and delegators have theirs after it.
    if (entry.kind === 'ParentsPaid') return;
    const rooted = rootBreak(this.#root, entry);
    if (rooted !== undefined) findings.add('root', entry.sequence, rooted);
    this.#root = undefined;
    if (entry.kind === 'RootPaid') return;
    const passedOn = delegatorsBreak(this.#owed, entry);
    if (passedOn !== undefined) findings.add('delegators', entry.sequence, passedOn);
    this.#owed = undefined;
    if (entry.kind === 'EpochDue') {
      const due = dueEpochOf(entry.payloadText);
      if (due !== undefined) this.#due.set(due.netuid, due);
      const apart = due === undefined ? undefined : potBreak(due);
      if (apart !== undefined) findings.add('root', entry.sequence, apart);
    }
    if (entry.kind !== 'EpochPaid') return;
    const broken = paymentBreak((netuid) => this.#due.get(netuid), entry);
    if (broken !== undefined) findings.add('payout', entry.sequence, broken);
    const told = toldPaymentOf(entry.payloadText);
    if (told === undefined) return;
    const epoch = this.#due.get(told.netuid);
    this.#due.delete(told.netuid);
    if (epoch?.index !== told.index || this.#issuance.cap === undefined) return;
    this.#parents = parentsOwed(epoch, told);
    const paid = { asset: this.#issuance.cap.asset, balances: this.#balances };
    this.#root = rootOwed(epoch, { told, dividends: this.#parents.dividends }, paid);
    this.#owed = delegatorsOwed(epoch, this.#root.dividends, paid);
  }
}
