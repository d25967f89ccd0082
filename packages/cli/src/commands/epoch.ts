import { runKernelEpoch } from '@subnetes/consensus/kernel';
import { FUEL_DEFAULT } from '@subnetes/incentive/limits';
import { firstDifferences, type OutputDifference } from '@subnetes/consensus/output-difference';
import type { Epoch } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { ZodError } from 'zod';
import type { CommandContext } from '../command-context.ts';
import { checkFailed, print } from '../command-context.ts';
import type { ModuleRunner } from '@subnetes/replay/module-runner';
import { readModule } from './function.ts';
import { functionsOf } from '../epoch-function.ts';
import { EXIT, Failure } from '../failure.ts';
import { listNeurons, neuronName } from '../neuron-finder.ts';
import { hexOf } from '../number-text.ts';
import type { EpochInputsDocument, Recomputed } from '@subnetes/replay/recompute-epoch';
import { readInputs, recomputeEpoch, sha256Hex } from '@subnetes/replay/recompute-epoch';
import { tableLines } from '../table.ts';
import { type CheckedEvidence, evidenceOfEpoch } from './evidence.ts';
import { type ChangedDocument, changedDocument, compareEpochs, overrideOf, uidsOf } from '../what-if.ts';
import { whatIfLines, whatIfValue, type WhatIfResult } from '../what-if-lines.ts';

export interface ReplayQuestion {
  readonly netuid: number;
  /** 0 is the newest. */
  readonly epoch: number;
  /** NAME=VALUE texts of rules that are to be different. */
  readonly set: readonly string[];
  /** Names, hotkeys or uids of validators that are to be left out. */
  readonly withoutValidator: readonly string[];
  /** File of a module that is to divide in place of the policy's own, or of none. */
  readonly function: string | undefined;
}

/** Two outputs that differ do so in many places; the first say where it began. */
const DIFFERENCES_MAX = 20;

/**
 * `subnetes epoch replay`: runs the consensus on this machine from scoring's stored inputs, in the readable implementation
 * and in the kernel, and says whether the stored outputs are what comes out; with `--set` or `--without-validator` also
 * what would have been paid.
 */
export async function replayEpoch(context: CommandContext, question: ReplayQuestion): Promise<void> {
  const overrides = question.set.map(overrideOf);
  const scoring = await context.market.scoring();
  const epoch = await scoring.getEpoch({ netuid: question.netuid, index: BigInt(question.epoch) });
  const document = readDocument(epoch.inputsJson);
  const inputsSha256 = sha256Hex(epoch.inputsJson);
  const runner = await functionsOf(scoring, document);
  const { runFunction } = runner;
  const original = recomputeEpoch(document, inputsSha256, { runFunction });
  const proof = prove(epoch, original, {
    inputsSha256,
    kernel: recomputeEpoch(document, inputsSha256, { run: runKernelEpoch, runFunction }),
  });
  const isAsked = overrides.length + question.withoutValidator.length > 0 || question.function !== undefined;
  const whatIf = isAsked
    ? await computeWhatIf(context, { question, document, original, inputsSha256, runner })
    : undefined;
  const evidence = await evidenceOfEpoch(context, question.netuid, document.due.index);
  const head = `epoch ${document.due.index} of netuid ${question.netuid}, block ${document.due.block}, ${document.due.neurons.length} neurons`;
  print(context, {
    value: {
      netuid: question.netuid,
      epoch: document.due.index,
      equal: proof.equal,
      checks: proof.checks,
      differences: proof.differences,
      evidence: evidence.map(({ sha256, document: { hotkey, condition }, faults }) => ({
        sha256,
        type: condition.type,
        hotkey,
        faults,
      })),
      ...(whatIf === undefined ? {} : { whatIf: whatIfValue(whatIf) }),
    },
    lines: [
      head,
      ...proofLines(proof),
      ...evidence.flatMap(evidenceLines),
      ...(whatIf === undefined ? [] : ['', ...whatIfLines(whatIf)]),
    ],
  });
  if (evidence.some(({ faults }) => faults.length > 0))
    throw checkFailed(
      'EVIDENCE_DIFFERS',
      'what the epoch gave as evidence does not follow from what validators signed',
      'dispute the slash, and keep the output of --json for those who decide',
    );
  if (!proof.equal)
    throw checkFailed(
      'REPLAY_DIFFERS',
      'the epoch cannot be reproduced',
      'keep the output of --json and report it: either the store was changed or the two versions differ',
    );
}

function evidenceLines({ document, faults }: CheckedEvidence): string[] {
  const { condition, hotkey, fromEpoch, toEpoch } = document;
  const what = `evidence ${condition.type} of ${hotkey}, epochs ${fromEpoch} to ${toEpoch}`;
  return faults.length === 0
    ? [`✔ ${what}: follows from what validators signed`]
    : [`✘ ${what}:`, ...faults.map((fault) => `    ${fault}`)];
}

/** Stored inputs, or what to do where this version cannot read them. */
export function readDocument(inputsJson: string): EpochInputsDocument {
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

interface Proof {
  readonly equal: boolean;
  readonly checks: readonly Check[];
  readonly agree: boolean;
  readonly differences: readonly OutputDifference[];
}

function prove(
  { summary, outputsJson }: Epoch,
  original: Recomputed,
  { inputsSha256, kernel }: { readonly inputsSha256: string; readonly kernel: Recomputed },
): Proof {
  const inputs = hexOf(summary?.inputsSha256 ?? new Uint8Array());
  const outputs = hexOf(summary?.outputsSha256 ?? new Uint8Array());
  const checks = [
    check('inputs', inputs, inputsSha256),
    check('outputs as stored', outputs, sha256Hex(outputsJson)),
    check('outputs recomputed', outputs, original.outputsSha256),
    check('outputs by the kernel', outputs, kernel.outputsSha256),
  ];
  return {
    equal: checks.every(({ same }) => same),
    checks,
    agree: kernel.outputsJson === original.outputsJson,
    differences:
      outputsJson === original.outputsJson
        ? []
        : firstDifferences(parsed(outputsJson), JSON.parse(original.outputsJson), DIFFERENCES_MAX),
  };
}

function check(name: string, stored: string, computed: string): Check {
  return { name, stored, computed, same: stored === computed };
}

/** Outputs that are no JSON any more differ as a whole. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

function proofLines({ equal, checks, agree, differences }: Proof): string[] {
  const rows = checks.map(({ name, stored, computed, same }) => [
    same ? '✔' : '✘',
    name,
    `sha256:${stored.slice(0, 16)}…`,
    `sha256:${computed.slice(0, 16)}…`,
  ]);
  const table = tableLines([{ head: '' }, { head: 'WHAT' }, { head: 'STORED' }, { head: 'HERE' }], rows);
  if (equal) return [...table, 'Equal: recomputed here from stored inputs, bit for bit, by both implementations.'];
  return [
    ...table,
    'DIFFERENT: the stored outputs do not follow from the stored inputs.',
    agree
      ? 'The readable implementation and the kernel agree with each other.'
      : 'The readable implementation and the kernel do not agree: one of them has a bug.',
    ...differenceLines(differences),
  ];
}

function differenceLines(differences: readonly OutputDifference[]): string[] {
  if (differences.length === 0) return [];
  const rows = differences.map(({ field, uid, place, stored, recomputed }) => [
    field === '' ? 'the whole document' : field,
    uid === undefined ? '' : String(uid),
    place,
    stored ?? '(nothing)',
    recomputed ?? '(nothing)',
  ]);
  const head = differences.length === DIFFERENCES_MAX ? `The first ${DIFFERENCES_MAX} differences:` : 'Differences:';
  const columns = ['FIELD', 'UID', 'PLACE', 'STORED', 'HERE'].map((name) => ({ head: name }));
  return [head, ...tableLines(columns, rows)];
}

async function computeWhatIf(
  context: CommandContext,
  parts: {
    question: ReplayQuestion;
    document: EpochInputsDocument;
    original: Recomputed;
    inputsSha256: string;
    runner: ModuleRunner;
  },
): Promise<WhatIfResult> {
  const { question, document, original, inputsSha256, runner } = parts;
  const { runFunction } = runner;
  const neurons = await listNeurons(context.market, question.netuid);
  const without = [...new Set(uidsOf(question.withoutValidator, document, neurons))];
  const ruled = changedDocument(document, { overrides: question.set.map(overrideOf), without });
  const changed = question.function === undefined ? ruled : withFunction(ruled, question.function, runner);
  const after = recomputeEpoch(changed.document, inputsSha256, { runFunction });
  const kernel = recomputeEpoch(changed.document, inputsSha256, { run: runKernelEpoch, runFunction });
  const names = new Map(neurons.map((neuron) => [hexOf(neuron.registrationId), neuronName(neuron)]));
  return {
    changes: changed.changes,
    without,
    comparisons: compareEpochs(original, after),
    nameOf: ({ registrationId }) => names.get(registrationId) ?? registrationId.slice(0, 8),
    pot: BigInt(document.due.pots.miners) + BigInt(document.due.pots.validators),
    unattributed: { before: original.unattributed, after: after.unattributed },
    shares: original.shares && { before: original.shares, after: after.shares ?? [] },
    agree: kernel.outputsJson === after.outputsJson,
  };
}

/** The same epoch with this module as its incentive function, last of all rules; it begins without a state. */
function withFunction({ document, changes }: ChangedDocument, file: string, runner: ModuleRunner): ChangedDocument {
  const sha256 = runner.take(readModule(file));
  const { functionMissing: _before, ...rest } = document;
  const own = document.countermeasures?.incentiveFunction;
  const incentiveFunction = { fuel: FUEL_DEFAULT, ...own, sha256 };
  return {
    document: { ...rest, countermeasures: { ...document.countermeasures, incentiveFunction } },
    changes: [
      ...changes,
      {
        parameter: 'countermeasures',
        asked: { name: 'function', value: file },
        before: own === undefined ? 'no incentiveFunction' : `incentiveFunction ${own.sha256.slice(0, 12)}…`,
        after: `incentiveFunction ${sha256.slice(0, 12)}…`,
        floored: false,
      },
    ],
  };
}
