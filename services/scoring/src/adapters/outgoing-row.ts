import type { Row } from '@subnetes/runtime/sql';
import type { Outgoing } from '#application/ports.ts';
import { bytes, count } from './rows.ts';

/** An epoch as the ledger is told of it. */
export function readOutgoing(row: Row): Outgoing {
  return {
    netuid: count(row, 'netuid'),
    index: count(row, 'epoch_index'),
    sequence: count(row, 'sequence'),
    previousSequence: count(row, 'previous_sequence'),
    scored: bytes(row, 'scored'),
  };
}
