const RAO_DECIMALS = 9;

/** Rao as tokens with a fixed number of decimals, truncated, thousands apart: never through a float. */
export function tokensText(rao: string, decimals: number): string {
  const digits = rao.replace('-', '').padStart(RAO_DECIMALS + 1, '0');
  const whole = digits.slice(0, -RAO_DECIMALS).replace(/\B(?=(\d{3})+$)/g, ' ');
  const fraction = digits.slice(-RAO_DECIMALS, digits.length - RAO_DECIMALS + decimals);
  const sign = rao.startsWith('-') ? '−' : '';
  return decimals === 0 ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}

/** A share of one with three decimals. */
export function shareText(share: number): string {
  return share.toFixed(3);
}

/** A share of one as a percentage with one decimal. */
export function percentText(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** Whole numbers with their thousands apart. */
export function countText(count: number): string {
  return String(Math.trunc(count)).replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** What is not known is a dash, never a zero. */
export function orDash(value: number | null, text: (value: number) => string): string {
  return value === null ? '–' : text(value);
}
