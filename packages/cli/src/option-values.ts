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
