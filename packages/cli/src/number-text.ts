import { tokenTextFromRao } from '@subnetes/money/amount';

const U16_ONE = 65_535;

/** A wire's u16 share with three decimals: `0.412`. */
export function shareText(u16: number): string {
  return (u16 / U16_ONE).toFixed(3);
}

/** Rao as tokens with three decimals, truncated, for columns; exact figures are in --json. */
export function tokenColumn(rao: bigint): string {
  const [whole = '0', fraction = ''] = tokenTextFromRao(rao).split('.');
  return `${whole}.${fraction.padEnd(3, '0').slice(0, 3)}`;
}

/** Rao of a wire's decimal text; empty text is zero, as protobuf leaves it. */
export function raoOf(text: string | undefined): bigint {
  return BigInt(text === undefined || text === '' ? '0' : text);
}

/** Rao with a sign that is always there: `+12`, `-3`, `0`. */
export function signedRao(rao: bigint): string {
  return rao > 0n ? `+${rao}` : String(rao);
}

/** Hex of bytes. */
export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
