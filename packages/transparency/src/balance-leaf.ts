import { numberOfText } from './note-text.ts';

/** A balance in the smallest unit; below zero for an account that may owe (the mint). */
export interface Balance {
  readonly asset: string;
  readonly account: string;
  readonly balance: bigint;
}

/** What the first leaf of a balance tree says of all the others. */
export interface BalanceHeader {
  /** The journal's entry after which the balances stand so. */
  readonly sequence: number;
  /** Accounts in the tree. */
  readonly count: number;
  /** Each asset's balances: those above zero summed, and those below. They cancel out. */
  readonly totals: readonly { readonly asset: string; readonly held: bigint; readonly owed: bigint }[];
}

const HEADER = 'subnetes/balances/v1';
const LEAF = 'subnetes/balance/v1';
const AMOUNT = /^(0|-?[1-9]\d{0,38})$/;

/** By asset, then account, each by its UTF-16 code units. */
export function compareBalances(one: Omit<Balance, 'balance'>, other: Omit<Balance, 'balance'>): number {
  return compareText(one.asset, other.asset) || compareText(one.account, other.account);
}

/** @throws RangeError for names with white space or none: their text would be ambiguous */
export function balanceText({ asset, account, balance }: Balance): string {
  if (!isName(asset) || !isName(account)) throw new RangeError(`${asset}/${account} names no account`);
  return `${LEAF}\n${asset}\n${account}\n${balance}\n`;
}

export function headerText({ sequence, count, totals }: BalanceHeader): string {
  return [HEADER, sequence, count, ...totals.map(({ asset, held, owed }) => `${asset} ${held} ${owed}`), ''].join('\n');
}

/** Undefined for any other text than `balanceText` writes. */
export function parseBalance(text: string): Balance | undefined {
  const [kind, asset = '', account = '', amount = '', end, ...rest] = text.split('\n');
  if (kind !== LEAF || end !== '' || rest.length > 0 || !isName(asset) || !isName(account)) return undefined;
  return AMOUNT.test(amount) ? { asset, account, balance: BigInt(amount) } : undefined;
}

/** Undefined for any other text than `headerText` writes of sound totals. */
export function parseHeader(text: string): BalanceHeader | undefined {
  const [kind, sequenceText = '', countText = '', ...rest] = text.split('\n');
  const [sequence, count] = [numberOfText(sequenceText), numberOfText(countText)];
  if (kind !== HEADER || sequence === undefined || count === undefined || rest.pop() !== '') return undefined;
  const totals = rest.map((line) => {
    const [asset = '', held = '', owed = '', ...more] = line.split(' ');
    const isSound = isName(asset) && AMOUNT.test(held) && AMOUNT.test(owed) && more.length === 0;
    return isSound ? { asset, held: BigInt(held), owed: BigInt(owed) } : undefined;
  });
  const sound = totals.filter((total) => total !== undefined);
  // Money comes from debt alone: what is held of an asset is what is owed of it.
  return sound.length === totals.length && sound.every(({ held, owed }) => held >= 0n && held + owed === 0n)
    ? { sequence, count, totals: sound }
    : undefined;
}

function isName(name: string): boolean {
  return name !== '' && name.isWellFormed() && !/[\p{White_Space}\p{Cc}]/u.test(name);
}

function compareText(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
