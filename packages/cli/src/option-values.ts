import { KEY_SCHEMES, type KeyScheme } from '@subnetes/keys/key-pair';
import { usageFailure } from './failure.ts';

/** A number on the command line. @throws Failure for anything else */
export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw usageFailure(`"${text}" is no whole number`);
  return Number(text);
}

/** Gathers an option that may be repeated. */
export function collected(text: string, before: string[]): string[] {
  return [...before, text];
}

/** How a wallet signs. @throws Failure for anything else */
export function keyScheme(text: string): KeyScheme {
  const known = KEY_SCHEMES.find((scheme) => scheme === text);
  if (known === undefined) throw usageFailure(`"${text}" is none of ${KEY_SCHEMES.join(', ')}`);
  return known;
}
