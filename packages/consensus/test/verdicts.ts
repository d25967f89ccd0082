import { checkCase } from './check-case.ts';
import { readCase } from './vector-case.ts';

/** What became of one case; it passed when there is no difference. */
export interface Verdict {
  readonly name: string;
  readonly kind: string;
  readonly differences: readonly string[];
}

/** Checks cases given as texts. Imports nothing of Node, so that a browser can run it. */
export function verdictsOf(texts: readonly string[]): Verdict[] {
  return texts.map((text) => {
    const vector = readCase(text);
    return { name: vector.name, kind: vector.kind, differences: checkCase(vector) };
  });
}
