import { z } from 'zod';
import { ROW_SOURCES } from './signed-row.ts';

const stake = z.string().regex(/^(0|[1-9][0-9]{0,38})$/);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);

/** What one validator said, and in which envelopes it signed that. */
const said = z.object({
  validatorUid: count,
  registrationId: hash,
  stake,
  count,
  rows: z.array(
    z.object({
      mechanismId: count,
      source: z.enum(ROW_SOURCES),
      interval: count,
      sequence: z.string(),
      count,
      auditsSha256: hash.optional(),
    }),
  ),
});

const epoch = z.object({
  index: count,
  block: count,
  inputsSha256: hash,
  stake,
  kappaU16: count,
  count,
  said: z.array(said).max(256),
});

const common = {
  networkId: hash,
  netuid: count,
  registrationId: hash,
  hotkey: z.string(),
  fromEpoch: count,
  toEpoch: count,
  measured: count,
  condition: z.object({ type: z.enum(['FailedAudits', 'Unavailable']), epochs: count, atLeast: count }),
};

/** As many as a condition of the network may ask for. */
const EPOCHS_MAX = 1000;

const evidence = z.discriminatedUnion('format', [
  // As it was written first: its epochs stand within it.
  z.object({ ...common, format: z.literal(1), epochs: z.array(epoch).min(1).max(100) }),
  z.object({
    ...common,
    format: z.literal(2),
    epochs: z
      .array(z.object({ index: count, count, sha256: hash }))
      .min(1)
      .max(EPOCHS_MAX),
  }),
]);

/** Evidence of faults as scoring keeps it, under its sha256. */
export type EvidenceDocument = z.infer<typeof evidence>;
export type EvidenceEpoch = z.infer<typeof epoch>;
/** An epoch by the hash of its text. */
export type NamedEpoch = Extract<EvidenceDocument, { format: 2 }>['epochs'][number];

/** Undefined for a text that is no such document. */
export function readEvidence(text: string): EvidenceDocument | undefined {
  return read(evidence, text);
}

/** Of evidence that names its epochs by their hashes. Undefined for a text that is none. */
export function readEvidenceEpoch(text: string): EvidenceEpoch | undefined {
  return read(epoch, text);
}

function read<Read>(schema: z.ZodType<Read>, text: string): Read | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
