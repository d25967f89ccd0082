import { type EpochInputsDocument, readInputs } from '@subnetes/replay/recompute-epoch';
import { ROW_SOURCES } from '@subnetes/replay/signed-row';
import { z } from 'zod';
import { isOfAnotherDraw, type PaidRow, rowKey } from '#domain/claimed-row.ts';
import type { ClaimedInputs } from '#domain/expected-inputs.ts';
import { accept, type Outcome, refuse } from './outcome.ts';

/** Inputs of an epoch whose form was checked; nothing else of them is believed. */
export type ReadInputs = EpochInputsDocument & ClaimedInputs;

/** Rows that an epoch can count: those of a full subnet in each of its mechanisms. */
const ROWS_MAX = 4096;

const rowOrigins = z
  .array(
    z.object({
      validatorUid: z.int(),
      mechanismId: z.int(),
      source: z.enum(ROW_SOURCES),
      interval: z.int(),
      sequence: z
        .string()
        .regex(/^[0-9]{1,20}$/)
        .optional(),
    }),
  )
  .max(ROWS_MAX)
  .refine(
    (rows) => new Set(rows.map((row) => `${row.validatorUid}/${row.mechanismId}`)).size === rows.length,
    'a row twice',
  );

/** Rows as they are looked into: nothing else of them may go into the consensus. */
const claimedRows = z.looseObject({
  mechanisms: z.array(
    z.looseObject({
      epoch: z.looseObject({
        neurons: z.array(
          z.looseObject({ lastUpdate: z.int(), weights: z.array(z.tuple([z.int(), z.int()])).max(4096) }),
        ),
      }),
    }),
  ),
});

/** Reads a document of scoring's. Inputs of format 1 held reports where those of format 2 name rows. */
export function readDocument(inputsJson: string): Outcome<ReadInputs> {
  try {
    const document = readInputs(inputsJson);
    claimedRows.parse(document);
    const reports = document.format === 1 ? [] : rowOrigins.parse(document['reports'] ?? []);
    return accept({ ...document, reports } as unknown as ReadInputs);
  } catch (error) {
    if (!(error instanceof z.ZodError) && !(error instanceof SyntaxError)) throw error;
    const [issue] = error instanceof z.ZodError ? error.issues : [];
    return refuse('INPUTS_UNREADABLE', issue?.message ?? 'they are no JSON', issue?.path.join('.') ?? '');
  }
}

/** The rows that an epoch counted, by registration: a uid that is used again inherits none. */
export function rowsOf({ due, mechanisms, reports, opened }: ReadInputs): ReadonlyMap<string, PaidRow> {
  const rows = new Map<string, PaidRow>();
  const ids = new Map(due.neurons.map(({ uid, registrationId }) => [uid, registrationId]));
  for (const { id, epoch } of mechanisms) {
    for (const [uid, registrationId] of ids) {
      rows.set(rowKey(registrationId, id), { origin: undefined, row: epoch.neurons[uid] });
    }
  }
  for (const origin of reports) {
    const key = rowKey(ids.get(origin.validatorUid) ?? '', origin.mechanismId);
    rows.set(key, { origin, row: rows.get(key)?.row, isSilenced: isOfAnotherDraw(origin, opened) });
  }
  return rows;
}
