/**
 * What a program of this repository needs of our environment beside its own variables. With `NODE_COMPILE_CACHE`, which `npm test` sets,
 * it starts in half the time: its TypeScript has been stripped and compiled by whoever started before.
 */
export function programEnvironment(): Readonly<Record<string, string>> {
  const { PATH = '', NODE_COMPILE_CACHE } = process.env;
  return { PATH, ...(NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }) };
}
