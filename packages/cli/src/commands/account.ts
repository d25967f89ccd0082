import { amountText } from '@subnetes/money/amount';
import type { Account, AccountTerms } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { print, type CommandContext } from '../command-context.ts';
import { usageFailure } from '../failure.ts';
import { raoOf, signedRao, tokenColumn } from '../number-text.ts';
import { factLines, tableLines } from '../table.ts';
import { readTokenNames } from '../token-names.ts';

/** Holds, accounts and postings of one answer of the ledger. */
const PAGE_MAX = 1000;

/** `subnetes account show`: one account, all of one moment; or what it had right after an entry. */
export async function showAccount(
  context: CommandContext,
  options: { readonly account: string; readonly atEntry: number | undefined },
): Promise<void> {
  if (options.atEntry !== undefined) return showAccountAt(context, { ...options, atEntry: options.atEntry });
  const ledger = await context.market.ledger();
  const account = await ledger.getAccount({ account: options.account, holds: { size: PAGE_MAX } });
  const { asset, holds, holdsTotal, terms } = account;
  const shown = (await readTokenNames(context)).of(asset);
  const text = (rao: string): string => amountText({ asset: shown, units: raoOf(rao) });
  const more = holdsTotal > holds.length ? [`… and ${holdsTotal - holds.length} more holds`] : [];
  print(context, {
    value: {
      ...valueOf(account),
      holds: holds.map(({ id, amountRao, remainingRao, expiresAtBlock }) => {
        return { id, amountRao, remainingRao, expiresAtBlock };
      }),
      holdsTotal,
      sequence: account.sequence,
      block: account.block,
    },
    lines: [
      ...factLines([
        ['account', account.account],
        ['kind', account.kind],
        ...(account.owner === '' ? [] : [['owner', account.owner] as const]),
        ['balance', text(account.postedRao)],
        ['held', `${text(account.heldRao)} by ${holdsTotal} open holds`],
        ['spendable', text(account.spendableRao)],
        ...(terms === undefined ? [] : termFacts(terms, text)),
        ['as of', `journal entry ${account.sequence}, block ${account.block}`],
      ]),
      ...(holds.length === 0 ? [] : ['', ...tableLines(HOLD_COLUMNS, holds.map(holdCells)), ...more]),
    ],
  });
}

async function showAccountAt(
  context: CommandContext,
  { account, atEntry }: { readonly account: string; readonly atEntry: number },
): Promise<void> {
  if (atEntry === 0) throw usageFailure('--at-entry begins with 1', 'leave it out for the account as it is now');
  const ledger = await context.market.ledger();
  const { balances } = await ledger.getBalances({ accounts: [account], atSequence: BigInt(atEntry) });
  const balance = balances[0];
  const asset = balance?.posted?.asset ?? '';
  const shown = (await readTokenNames(context)).of(asset);
  const units = raoOf(balance?.posted?.amount) * (balance?.negative === true ? -1n : 1n);
  const held = balance?.held === undefined ? undefined : raoOf(balance.held.amount);
  print(context, {
    value: { account, asset, postedRao: units, ...(held === undefined ? {} : { heldRao: held }), sequence: atEntry },
    lines: factLines([
      ['account', account],
      ['balance', amountText({ asset: shown, units })],
      ['held', held === undefined ? 'not known of that entry' : amountText({ asset: shown, units: held })],
      ['as of', `journal entry ${atEntry}`],
    ]),
  });
}

/** `subnetes account list`: accounts by name. */
export async function listAccounts(
  context: CommandContext,
  options: { readonly prefix: string; readonly limit: number },
): Promise<void> {
  const ledger = await context.market.ledger();
  const { items: accounts, isCut } = await pages(options.limit, async (page) => {
    const answer = await ledger.listAccounts({ page, prefix: options.prefix });
    return { items: answer.accounts, token: answer.nextPageToken };
  });
  const rows = accounts.map((account) => [
    account.account,
    account.kind,
    tokenColumn(raoOf(account.postedRao)),
    tokenColumn(raoOf(account.heldRao)),
    tokenColumn(raoOf(account.spendableRao)),
    stateOf(account.terms),
  ]);
  print(context, {
    value: { accounts: accounts.map(valueOf), complete: !isCut },
    lines: accounts.length === 0 ? ['There is no such account.'] : tableLines(ACCOUNT_COLUMNS, rows),
  });
  if (isCut) tellCut(context, 'accounts', options.limit);
}

export interface PostingsQuestion {
  readonly account: string;
  readonly fromEntry: number;
  readonly toEntry: number;
  readonly fromBlock: number;
  readonly toBlock: number;
  readonly oldestFirst: boolean;
  /** Symbol; the network's token if not given. */
  readonly asset?: string | undefined;
  readonly limit: number;
}

/** `subnetes account postings`: what moved on an account. */
export async function listPostings(context: CommandContext, question: PostingsQuestion): Promise<void> {
  const ledger = await context.market.ledger();
  const { account, fromEntry, toEntry, fromBlock, toBlock, oldestFirst, asset = '', limit } = question;
  const range = {
    fromSequence: BigInt(fromEntry),
    toSequence: BigInt(toEntry),
    fromBlock: BigInt(fromBlock),
    toBlock: BigInt(toBlock),
  };
  let completeFrom = 1n;
  const { items: postings, isCut } = await pages(limit, async (page) => {
    const answer = await ledger.listPostings({ account, page, ...range, asset, newestFirst: !oldestFirst });
    completeFrom = answer.completeFromSequence;
    return { items: answer.postings, token: answer.nextPageToken };
  });
  const rows = postings.map(({ sequence, block, kind, deltaRao, balanceAfterRao, recordedAtMs }) => [
    String(sequence),
    String(block),
    timeOf(recordedAtMs),
    kind,
    signedRao(raoOf(deltaRao)),
    balanceAfterRao,
  ]);
  print(context, {
    value: {
      account,
      postings: postings.map(({ sequence, block, kind, deltaRao, balanceAfterRao, recordedAtMs }) => {
        return { sequence, block, kind, deltaRao, balanceAfterRao, recordedAtMs };
      }),
      complete: !isCut,
      completeFromSequence: completeFrom,
    },
    lines: [
      ...(postings.length === 0 ? [`Nothing moved on ${account} there.`] : tableLines(POSTING_COLUMNS, rows)),
      ...(completeFrom > 1n ? ['', `Entries before ${completeFrom} are archived: what moved then is not here.`] : []),
    ],
  });
  if (isCut) tellCut(context, 'postings', limit);
}

/** By the clock of the ledger's database. */
function timeOf(ms: bigint): string {
  return ms === 0n ? '' : new Date(Number(ms)).toISOString();
}

/** Items of one page after the other, until there are so many or there is none. */
async function pages<T>(
  limit: number,
  read: (page: { size: number; token: string }) => Promise<{ readonly items: readonly T[]; readonly token: string }>,
): Promise<{ readonly items: readonly T[]; readonly isCut: boolean }> {
  if (limit === 0) throw usageFailure('--limit begins with 1');
  const items: T[] = [];
  let token = '';
  do {
    const page = await read({ size: Math.min(PAGE_MAX, limit - items.length), token });
    items.push(...page.items);
    ({ token } = page);
  } while (token !== '' && items.length < limit);
  return { items, isCut: token !== '' };
}

function tellCut({ io }: CommandContext, what: string, limit: number): void {
  io.err(`There are more than ${limit} ${what}: narrow the question, or raise --limit.`);
}

function valueOf({ account, kind, owner, asset, postedRao, heldRao, spendableRao, terms }: Account) {
  return {
    account,
    kind,
    owner: owner === '' ? null : owner,
    asset,
    postedRao,
    heldRao,
    spendableRao,
    terms:
      terms === undefined
        ? null
        : {
            floorRao: terms.floorRao,
            limitRao: terms.limitRao === '' ? null : terms.limitRao,
            frozen: terms.frozen,
            closed: terms.closed,
          },
  };
}

function termFacts(terms: AccountTerms, text: (rao: string) => string): readonly (readonly [string, string])[] {
  return [
    ['floor', text(terms.floorRao)],
    ['limit', terms.limitRao === '' ? 'none' : text(terms.limitRao)],
    ['state', stateOf(terms)],
  ];
}

function stateOf(terms: AccountTerms | undefined): string {
  if (terms?.closed === true) return 'closed';
  return terms?.frozen === true ? 'frozen' : 'open';
}

const holdCells = (hold: Account['holds'][number]): readonly string[] => [
  hold.id,
  tokenColumn(raoOf(hold.amountRao)),
  tokenColumn(raoOf(hold.remainingRao)),
  String(hold.expiresAtBlock),
];

const HOLD_COLUMNS = [
  { head: 'HOLD' },
  { head: 'AMOUNT', align: 'right' },
  { head: 'REMAINING', align: 'right' },
  { head: 'LAST BLOCK', align: 'right' },
] as const;

const ACCOUNT_COLUMNS = [
  { head: 'ACCOUNT' },
  { head: 'KIND' },
  { head: 'BALANCE', align: 'right' },
  { head: 'HELD', align: 'right' },
  { head: 'SPENDABLE', align: 'right' },
  { head: 'STATE' },
] as const;

const POSTING_COLUMNS = [
  { head: 'ENTRY', align: 'right' },
  { head: 'BLOCK', align: 'right' },
  { head: 'RECORDED' },
  { head: 'KIND' },
  { head: 'RAO', align: 'right' },
  { head: 'BALANCE AFTER', align: 'right' },
] as const;
