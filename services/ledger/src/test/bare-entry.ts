import type { Entry } from '#domain/book/journal.ts';

/** An entry that moves nothing, for tests that ask no more of it than its place. */
export function bareEntry(sequence: number): Entry {
  return {
    sequence,
    block: 1,
    kind: 'Block',
    payloadText: '{}',
    postings: [],
    hash: sequence.toString(16).padStart(64, '0'),
    event: undefined,
    previousEventSequence: 0,
    keys: [],
  };
}
