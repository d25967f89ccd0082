/** Decimals of the network token and of every subnet token: 1 token = 10^9 of its smallest unit (rao). */
export const TOKEN_DECIMALS = 9;

/** Rao in one whole token. */
export const RAO_PER_TOKEN = 1_000_000_000n;

/** What a person writes for money in a spec: whole tokens with up to nine decimals, no sign, no exponent. */
export const TOKEN_TEXT_PATTERN = /^(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?$/;

/** What a wire carries: a whole number of smallest units, at most 39 digits (NUMERIC(39,0) in SQL). */
const UNITS_TEXT_PATTERN = /^(0|-?[1-9][0-9]{0,38})$/;

/** The largest magnitude that the database column holds. */
export const UNITS_MAX = 10n ** 39n - 1n;

/** Money never travels without its asset: 2 TAO and 2 of a subnet's alpha are different things. */
export interface Amount {
  /** Symbol of the asset, for example `TAO`. */
  readonly asset: string;
  /** Smallest units (rao for TAO). */
  readonly units: bigint;
}

/** An amount as it stands in JSON and protobuf messages: decimal string of smallest units. */
export interface AmountOnWire {
  readonly asset: string;
  readonly amount: string;
}

/** Outcome of reading text that a person or a peer wrote. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: 'MoneyMalformed'; readonly message: string };

/** Reads whole-token text such as `"0.1"` into rao. Never passes through a float. */
export function raoFromTokenText(text: string): Parsed<bigint> {
  const match = TOKEN_TEXT_PATTERN.exec(text);
  if (match === null) {
    return refuse(
      `"${clip(text)}" is not an amount in tokens: write digits with up to nine decimals, such as 0.1 or 4500`,
    );
  }
  const [, whole = '0', fraction = ''] = match;
  const fractionDigits = fraction.slice(1).padEnd(TOKEN_DECIMALS, '0');
  return { ok: true, value: BigInt(whole) * RAO_PER_TOKEN + BigInt(fractionDigits) };
}

/** Writes rao as the shortest whole-token text: `100000000n` is `"0.1"`. Debts keep their minus sign. */
export function tokenTextFromRao(rao: bigint): string {
  const sign = rao < 0n ? '-' : '';
  const magnitude = rao < 0n ? -rao : rao;
  const fraction = (magnitude % RAO_PER_TOKEN).toString().padStart(TOKEN_DECIMALS, '0').replace(/0+$/, '');
  const whole = (magnitude / RAO_PER_TOKEN).toString();
  return fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}

/** For columns and pages: `86 400 TAO`, thousands of the whole part apart, decimals only where there are any. */
export function amountText(amount: Amount): string {
  const [whole = '0', fraction] = tokenTextFromRao(amount.units).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ' ');
  return `${fraction === undefined ? grouped : `${grouped}.${fraction}`} ${amount.asset}`;
}

/** Reads a wire's decimal string of smallest units, for example `"20000000000"`. */
export function unitsFromText(text: string): Parsed<bigint> {
  if (!UNITS_TEXT_PATTERN.test(text)) {
    return refuse(`"${clip(text)}" is not a whole number of smallest units with at most 39 digits`);
  }
  return { ok: true, value: BigInt(text) };
}

/** The wire form of an amount. */
export function toWire(amount: Amount): AmountOnWire {
  return { asset: amount.asset, amount: amount.units.toString() };
}

/** The amount in a wire form; refuses text that is not a whole number. */
export function fromWire(wire: AmountOnWire): Parsed<Amount> {
  const units = unitsFromText(wire.amount);
  return units.ok ? { ok: true, value: { asset: wire.asset, units: units.value } } : units;
}

/** Sum of two amounts of one asset. Different assets are a bug of the caller: throws. */
export function add(left: Amount, right: Amount): Amount {
  assertSameAsset(left, right);
  return { asset: left.asset, units: left.units + right.units };
}

/** Difference of two amounts of one asset; may be negative. Different assets are a bug of the caller: throws. */
export function subtract(left: Amount, right: Amount): Amount {
  assertSameAsset(left, right);
  return { asset: left.asset, units: left.units - right.units };
}

function assertSameAsset(left: Amount, right: Amount): void {
  if (left.asset !== right.asset) throw new TypeError(`cannot combine ${left.asset} with ${right.asset}`);
}

function refuse(message: string): { ok: false; code: 'MoneyMalformed'; message: string } {
  return { ok: false, code: 'MoneyMalformed', message };
}

/** Hostile text goes into a message only in part. */
function clip(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`;
}
