import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, fromUnknown } from '@subnetes/runtime/errors';
import { z } from 'zod';
import type { StateStore, ValidatorState } from '#application/ports.ts';
import { emptyJudgement } from '#domain/judge.ts';

const FILE = 'validator.json';
const VERSION = 1;

const bytes = z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64')));
const average = z.object({ value: z.number(), count: z.int().min(1) });
const answer = z.union([
  z.object({ invalid: z.string(), unanswered: z.literal(true).optional() }),
  z.object({ forecast: z.array(z.array(z.number())), failedAudit: z.string().optional() }),
]);
const fileSchema = z.object({
  version: z.literal(VERSION),
  registrationId: z.string(),
  lap: z.int().min(0),
  days: z.array(
    z.object({
      day: z.int().min(0),
      volatility: z.number().positive(),
      scored: z.array(z.boolean()),
      answers: z.record(z.string(), answer),
    }),
  ),
  averages: z.record(z.string(), z.array(average.nullable())),
  submissions: z.array(
    z.object({
      // Files of before there was a choice hold salted weights.
      kind: z.enum(['Salted', 'Timelock', 'Open']).default('Salted'),
      block: z.int().min(0).default(0),
      interval: z.int().min(1),
      revealInterval: z.int().min(1),
      state: z.enum(['prepared', 'committed', 'revealed']),
      commit: bytes,
      reveal: bytes,
    }),
  ),
});

/**
 * A validator's memory in one file. Saving writes beside it, syncs, and renames, so that a crash leaves the old or the
 * new state and never half of one. What belongs to another registration is not read: a new one begins anew.
 * @throws ConfigError where a file is there and cannot be read: starting over would lose weights that are committed.
 */
export async function openStateFile(
  directory: string,
  registrationId: string,
): Promise<{ readonly state: ValidatorState; readonly store: StateStore }> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, FILE);
  const state = await load(path, registrationId);
  let saving: Promise<void> = Promise.resolve();
  return {
    state,
    store: {
      // One after the other: two writers of one temporary file would mix their bytes.
      save: (next) => {
        const text = JSON.stringify(encode(next, registrationId));
        saving = saving.catch(() => {}).then(() => write(directory, path, text)); // the earlier caller heard of its failure
        return saving;
      },
    },
  };
}

async function write(directory: string, path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const folder = await open(directory, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function load(path: string, registrationId: string): Promise<ValidatorState> {
  const empty = { judgement: emptyJudgement(0), submissions: [] };
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return empty;
    throw new ConfigError(`the state file ${path} cannot be read`, { cause: error });
  }
  try {
    const file = fileSchema.parse(JSON.parse(text));
    return file.registrationId === registrationId ? decode(file) : empty;
  } catch (cause) {
    throw new ConfigError(
      `the state file ${path} is damaged (${fromUnknown(cause).message.slice(0, 200)}): restore it, or move it away and lose this interval's weights`,
      { cause },
    );
  }
}

function encode({ judgement, submissions }: ValidatorState, registrationId: string): z.input<typeof fileSchema> {
  const base64 = (content: Uint8Array) => Buffer.from(content).toString('base64');
  return {
    version: VERSION,
    registrationId,
    lap: judgement.lap,
    days: judgement.days.map(({ day, volatility, scored, answers }) => ({
      day,
      volatility,
      scored: [...scored],
      answers: Object.fromEntries(
        [...answers].map(([id, one]) => [
          id,
          one.kind === 'invalid'
            ? { invalid: one.reason, ...(one.unanswered === true ? { unanswered: true as const } : {}) }
            : {
                forecast: one.forecast.map((row) => [...row]),
                ...(one.failedAudit === undefined ? {} : { failedAudit: one.failedAudit }),
              },
        ]),
      ),
    })),
    averages: Object.fromEntries(
      [...judgement.averages].map(([id, averages]) => [id, averages.map((one) => one ?? null)]),
    ),
    submissions: submissions.map((one) => ({ ...one, commit: base64(one.commit), reveal: base64(one.reveal) })),
  };
}

function decode(file: z.output<typeof fileSchema>): ValidatorState {
  return {
    judgement: {
      lap: file.lap,
      days: file.days.map(({ answers, ...day }) => ({
        ...day,
        answers: new Map(
          Object.entries(answers).map(([id, one]) => [
            id,
            'invalid' in one
              ? {
                  kind: 'invalid' as const,
                  reason: one.invalid,
                  ...(one.unanswered === undefined ? {} : { unanswered: one.unanswered }),
                }
              : {
                  kind: 'forecast' as const,
                  forecast: one.forecast,
                  ...(one.failedAudit === undefined ? {} : { failedAudit: one.failedAudit }),
                },
          ]),
        ),
      })),
      averages: new Map(
        Object.entries(file.averages).map(([id, averages]) => [id, averages.map((one) => one ?? undefined)]),
      ),
    },
    submissions: file.submissions,
  };
}
