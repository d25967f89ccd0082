import { z } from 'zod';
import { ROW_SOURCES } from './signed-row.ts';

const stake = z.string().regex(/^(0|[1-9][0-9]{0,38})$/);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);

const evidence = z.object({
  format: z.literal(1),
  networkId: hash,
  netuid: count,
  registrationId: hash,
  hotkey: z.string(),
  fromEpoch: count,
  toEpoch: count,
  measured: count,
  condition: z.object({ type: z.enum(['FailedAudits', 'Unavailable']), epochs: count, atLeast: count }),
  epochs: z
    .array(
      z.object({
        index: count,
        block: count,
        inputsSha256: hash,
        stake,
        kappaU16: count,
        count,
        said: z
          .array(
            z.object({
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
            }),
          )
          .max(256),
      }),
    )
    .min(1)
    .max(100),
});

/** Evidence of faults as scoring keeps it, under its sha256. */
export type EvidenceDocument = z.infer<typeof evidence>;
export type EvidenceEpoch = EvidenceDocument['epochs'][number];

/** Undefined for a text that is no such document. */
export function readEvidence(text: string): EvidenceDocument | undefined {
  try {
    return evidence.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
