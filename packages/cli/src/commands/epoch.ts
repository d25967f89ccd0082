import { ZodError } from 'zod';
import type { CommandContext } from '../command-context.ts';
import { checkFailed, print } from '../command-context.ts';
import { EXIT, Failure, usageFailure } from '../failure.ts';
import { listNeurons, neuronName } from '../neuron-finder.ts';
import { hexOf, shareText, tokenColumn } from '../number-text.ts';
import type { EpochInputsDocument, NeuronResult, Recomputed } from '../recompute-epoch.ts';
import { readInputs, recomputeEpoch, sha256Hex, withSettings } from '../recompute-epoch.ts';
import { tableLines } from '../table.ts';

export interface ReplayQuestion {
  readonly netuid: number;
  /** 0 is the newest. */
  readonly epoch: number;
  /** NAME=VALUE texts; with any, the result is a what-if and is not compared. */
  readonly set: readonly string[];
}

/** `subnetes epoch replay`: runs the consensus on this machine from scoring's stored inputs. */
export async function replayEpoch(context: CommandContext, question: ReplayQuestion): Promise<void> {
  const scoring = await context.market.scoring();
  const epoch = await scoring.getEpoch({ netuid: question.netuid, index: BigInt(question.epoch) });
  const inputsSha256 = sha256Hex(epoch.inputsJson);
  const document = readDocument(epoch.inputsJson);
  const original = recomputeEpoch(document, inputsSha256);
  if (question.set.length > 0) return printWhatIf(context, { question, document, original, inputsSha256 });
  const checks = [
    check('inputs', hexOf(epoch.summary?.inputsSha256 ?? new Uint8Array()), inputsSha256),
    check('outputs as stored', hexOf(epoch.summary?.outputsSha256 ?? new Uint8Array()), sha256Hex(epoch.outputsJson)),
    check('outputs recomputed', hexOf(epoch.summary?.outputsSha256 ?? new Uint8Array()), original.outputsSha256),
  ];
  const equal = checks.every(({ same }) => same);
  const head = `epoch ${document.due.index} of netuid ${question.netuid}, block ${document.due.block}, ${document.due.neurons.length} neurons`;
  const verdict = equal
    ? 'Equal: recomputed here from stored inputs, bit for bit.'
    : 'DIFFERENT: the stored outputs do not follow from the stored inputs.';
  const rows = checks.map(({ name, stored, computed, same }) => [
    same ? '✔' : '✘',
    name,
    `sha256:${stored.slice(0, 16)}…`,
    `sha256:${computed.slice(0, 16)}…`,
  ]);
  print(context, {
    value: { netuid: question.netuid, epoch: document.due.index, equal, checks },
    lines: [head, ...tableLines([{ head: '' }, { head: 'WHAT' }, { head: 'STORED' }, { head: 'HERE' }], rows), verdict],
  });
  if (!equal)
    throw checkFailed(
      'REPLAY_DIFFERS',
      'the epoch cannot be reproduced',
      'keep the output of --json and report it: either the store was changed or the two versions differ',
    );
}

function readDocument(inputsJson: string): EpochInputsDocument {
  try {
    return readInputs(inputsJson);
  } catch (cause) {
    if (!(cause instanceof ZodError)) throw cause;
    const issue = cause.issues[0];
    throw new Failure({
      code: 'UNKNOWN_FORMAT',
      message: `the stored inputs are of a form that this version does not know (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''})`,
      exitCode: EXIT.refused,
      remedy: 'use the subnetes of the same release as the services',
      cause,
    });
  }
}

interface Check {
  readonly name: string;
  readonly stored: string;
  readonly computed: string;
  readonly same: boolean;
}

function check(name: string, stored: string, computed: string): Check {
  return { name, stored, computed, same: stored === computed };
}

async function printWhatIf(
  context: CommandContext,
  parts: { question: ReplayQuestion; document: EpochInputsDocument; original: Recomputed; inputsSha256: string },
): Promise<void> {
  const { question, document, original } = parts;
  const changed = recomputeChanged(document, question.set, parts.inputsSha256);
  const names = new Map(
    (await listNeurons(context.market, question.netuid)).map((neuron) => [
      hexOf(neuron.registrationId),
      neuronName(neuron),
    ]),
  );
  const rows = original.neurons.map((before, at) =>
    whatIfRow(before, changed.neurons[at] ?? before, names.get(before.registrationId)),
  );
  const right = (head: string) => ({ head, align: 'right' as const });
  const columns = [
    { head: 'NEURON' },
    right('UID'),
    right('INCENTIVE'),
    right('WOULD BE'),
    right('DIVIDENDS'),
    right('WOULD BE'),
    right('EARNED'),
    right('WOULD BE'),
  ];
  print(context, {
    value: {
      netuid: question.netuid,
      epoch: document.due.index,
      set: question.set,
      before: original.neurons,
      after: changed.neurons,
    },
    lines: [
      `epoch ${document.due.index} of netuid ${question.netuid} with ${question.set.join(', ')} (a what-if: nothing was changed)`,
      ...tableLines(columns, rows),
    ],
  });
}

function recomputeChanged(document: EpochInputsDocument, set: readonly string[], inputsSha256: string): Recomputed {
  try {
    return recomputeEpoch(withSettings(document, set), inputsSha256);
  } catch (cause) {
    if (cause instanceof RangeError) throw usageFailure(cause.message);
    throw cause;
  }
}

function whatIfRow(before: NeuronResult, after: NeuronResult, name: string | undefined): string[] {
  return [
    name ?? before.registrationId.slice(0, 8),
    String(before.uid),
    shareText(before.incentive),
    shareText(after.incentive),
    shareText(before.dividends),
    shareText(after.dividends),
    tokenColumn(before.incentiveRao + before.dividendRao),
    tokenColumn(after.incentiveRao + after.dividendRao),
  ];
}
