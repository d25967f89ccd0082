import { MachineShortage } from '@subnetes/incentive/run-function';
import { toStored } from '@subnetes/consensus/epoch-json';
import { firstDifferences } from '@subnetes/consensus/output-difference';
import type { EpochPayment } from '@subnetes/consensus/payment-text';
import type { RunFunction } from '@subnetes/policy/incentive-function';
import { type ModuleRunner, moduleRunner } from '@subnetes/replay/module-runner';
import { moduleOf, type Recomputed, recomputeEpoch, sha256Hex } from '@subnetes/replay/recompute-epoch';
import { fromUnknown, OutageError } from '@subnetes/runtime/errors';
import { type CarriedOver, impossibleRow, inputsDifference, NOTHING_CARRIED } from '#domain/expected-inputs.ts';
import type { Refusal } from '#domain/refusal.ts';
import type { Seal } from '#domain/seal.ts';
import { drawRefusal } from './judge-draw.ts';
import { makeJudgeRows } from './judge-rows.ts';
import { accept, type Outcome, refuse } from './outcome.ts';
import type { EpochName, LedgerJournal, PublishedEpoch, ScoringEpochs, ToldNeuron } from './ports.ts';
import { readDocument, type ReadInputs, rowsOf } from './read-document.ts';

/** `right`: the payment was computed here, and is what scoring published. */
export type Judgement =
  | { readonly kind: 'unscored' }
  | { readonly kind: 'right'; readonly payment: EpochPayment }
  | { readonly kind: 'wrong'; readonly refusal: Refusal };

export type JudgeEpoch = (name: EpochName, signal: AbortSignal) => Promise<Judgement>;

/** Epochs before whose outcome is kept, since the next builds on it: one a subnet, of so many subnets. */
const KEPT_MAX = 64;

/**
 * Judges an epoch of scoring's by the ledger's seal, by the epoch before that the ledger paid, by what validators signed, and
 * by the readable implementation of the consensus. What is found right was computed here from what others than scoring said.
 */
export function makeJudgeEpoch(ports: {
  readonly ledger: LedgerJournal;
  readonly scoring: ScoringEpochs;
  /** Hex. */
  readonly networkId: string;
  readonly takesUnnamedRows: boolean;
}): JudgeEpoch {
  const recompute = makeRecompute(ports.scoring);
  const carriedOver = makeCarriedOver(ports.scoring, recompute);
  const judgeRows = makeJudgeRows(ports);
  return async (name, signal) => {
    const epoch = await ports.scoring.epoch(name, signal);
    if (epoch === undefined) return { kind: 'unscored' };
    const read = readEpoch(epoch);
    if (!read.ok) return wrong(read.refusal);
    const seal = await ports.ledger.seal(epoch.payment.dueSequence, signal);
    if (seal === undefined || seal.netuid !== name.netuid || seal.index !== name.index) {
      const message = `entry ${epoch.payment.dueSequence} of the ledger does not seal epoch ${name.index} of subnet ${name.netuid}`;
      return wrong(refuse('SEAL_UNKNOWN', message, 'due.sequence').refusal);
    }
    const carried = await carriedOver(seal, signal);
    if (!carried.ok) return wrong(carried.refusal);
    const { inputs } = read.value;
    const known = { networkId: ports.networkId, seal, carried: carried.value };
    const difference =
      inputsDifference(inputs, known) ?? drawRefusal(inputs.opened, seal, carried.value) ?? impossibleRow(inputs, seal);
    const refusal = difference ?? (await judgeRows(inputs, { seal, before: carried.value.rows }, signal));
    if (refusal !== undefined) return wrong(refusal);
    return judgeOutputs(epoch, read.value, await recompute(inputs, read.value.inputsSha256, signal));
  };
}

function wrong(why: Refusal): Judgement {
  return { kind: 'wrong', refusal: why };
}

interface ReadEpoch {
  readonly inputs: ReadInputs;
  readonly inputsSha256: string;
}

/** The inputs of the very text whose hash is published; they are read, not yet believed. */
function readEpoch(epoch: PublishedEpoch): Outcome<ReadEpoch> {
  const inputsSha256 = sha256Hex(epoch.inputsJson);
  if (inputsSha256 !== epoch.payment.inputsSha256) {
    const message = `the inputs hash to ${inputsSha256}, the ledger is told ${epoch.payment.inputsSha256}`;
    return refuse('INPUTS_HASH_DIFFERS', message, 'inputs_sha256');
  }
  const inputs = readDocument(epoch.inputsJson);
  return inputs.ok ? accept({ inputs: inputs.value, inputsSha256 }) : inputs;
}

/** Compares all that scoring says of the outcome with what was recomputed of what was found to be the right inputs. */
function judgeOutputs(
  epoch: PublishedEpoch,
  { inputs, inputsSha256 }: ReadEpoch,
  recomputed: Outcome<Recomputed>,
): Judgement {
  if (!recomputed.ok) return wrong(recomputed.refusal);
  const { outputsSha256, outputsJson } = recomputed.value;
  if (epoch.payment.outputsSha256 !== outputsSha256 || epoch.outputsJson !== outputsJson) {
    const [first] = firstDifferences(parsed(epoch.outputsJson), JSON.parse(outputsJson), 1);
    const message = `scoring has ${first?.stored ?? epoch.payment.outputsSha256}, it is ${first?.recomputed ?? outputsSha256}`;
    return wrong(refuse('OUTPUTS_DIFFER', message, placeOf(first) || 'outputs_sha256').refusal);
  }
  const neurons = recomputed.value.neurons.map((neuron): ToldNeuron => ({
    uid: neuron.uid,
    registrationId: neuron.registrationId,
    incentive: neuron.incentiveRao,
    dividend: neuron.dividendRao,
    incentiveU16: neuron.incentive,
    dividendsU16: neuron.dividends,
    permit: neuron.permit,
  }));
  const { shares } = recomputed.value;
  const [first] = firstDifferences(
    { neurons: epoch.payment.neurons.map(told), shares: epoch.payment.shares ?? [] },
    { neurons: neurons.map(told), shares: shares ?? [] },
    1,
  );
  if (first !== undefined) {
    const message = `the ledger is told ${first.stored ?? 'nothing'}, it is ${first.recomputed ?? 'nothing'}`;
    return wrong(refuse('AMOUNTS_DIFFER', message, placeOf(first)).refusal);
  }
  return {
    kind: 'right',
    payment: {
      dueSequence: inputs.due.sequence as number,
      inputsSha256,
      outputsSha256,
      neurons,
      ...(shares === undefined || shares.length === 0 ? {} : { shares }),
    },
  };
}

/** Amounts as texts, since differences are told as JSON. */
function told({ incentive, dividend, ...rest }: ToldNeuron) {
  return { ...rest, incentive: incentive.toString(), dividend: dividend.toString() };
}

type Recompute = (inputs: ReadInputs, inputsSha256: string, signal: AbortSignal) => Promise<Outcome<Recomputed>>;

/** Recomputes epochs, with the modules that they need: scoring is asked for them, and believed their hash alone. */
function makeRecompute(scoring: ScoringEpochs): Recompute {
  const modules = moduleRunner();
  return async (inputs, inputsSha256, signal) => {
    const needed = moduleOf(inputs);
    if (needed !== undefined) await takeModule(modules, needed, scoring, signal);
    return recomputed(inputs, inputsSha256, modules.runFunction);
  };
}

/** Without the module nothing is known of the epoch: it is judged again once scoring gives it. */
async function takeModule(
  modules: ModuleRunner,
  sha256: string,
  scoring: ScoringEpochs,
  signal: AbortSignal,
): Promise<void> {
  if (modules.has(sha256)) return;
  const module = await scoring.module(sha256, signal);
  if (module === undefined || modules.take(module) !== sha256) {
    throw new OutageError('scoring', `scoring does not give the incentive function ${sha256}`);
  }
}

/** Whatever else is thrown comes from a document from outside, which the consensus does not take. */
function recomputed(inputs: ReadInputs, inputsSha256: string, runFunction: RunFunction): Outcome<Recomputed> {
  try {
    return accept(recomputeEpoch(inputs, inputsSha256, { runFunction }));
  } catch (error) {
    if (error instanceof MachineShortage) throw new OutageError('machine', error.message, error);
    return refuse('INPUTS_UNREADABLE', fromUnknown(error).message);
  }
}

function placeOf(difference: { readonly field: string; readonly uid: number | undefined } | undefined): string {
  if (difference === undefined) return '';
  return difference.uid === undefined ? difference.field : `${difference.field} of uid ${difference.uid}`;
}

/** Outputs that are no JSON differ as a whole. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

/**
 * What the epoch before leaves, recomputed from the inputs that the ledger paid it by: it names their hash in the next seal.
 */
function makeCarriedOver(scoring: ScoringEpochs, recompute: Recompute) {
  const kept = new Map<number, { readonly inputsSha256: string; readonly carried: CarriedOver }>();
  return async (seal: Seal, signal: AbortSignal): Promise<Outcome<CarriedOver>> => {
    const { netuid, previousInputsSha256: inputsSha256 } = seal;
    if (inputsSha256 === '') return accept(NOTHING_CARRIED);
    const known = kept.get(netuid);
    if (known?.inputsSha256 === inputsSha256) return accept(known.carried);
    const before = await scoring.epoch({ netuid, index: seal.index - 1 }, signal);
    const sha256 = before === undefined ? 'none' : sha256Hex(before.inputsJson);
    if (before === undefined || sha256 !== inputsSha256) {
      const message = `the ledger paid epoch ${seal.index - 1} by inputs ${inputsSha256}, scoring has ${sha256}`;
      return refuse('PREVIOUS_EPOCH_DIFFERS', message, 'due.previousInputsSha256');
    }
    const document = readDocument(before.inputsJson);
    if (!document.ok) return document;
    const recomputed = await recompute(document.value, inputsSha256, signal);
    if (!recomputed.ok) return recomputed;
    const carried = carriedBy(document.value, recomputed.value);
    kept.delete(netuid);
    kept.set(netuid, { inputsSha256, carried });
    const [oldest] = kept.keys();
    if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
    return accept(carried);
  };
}

function carriedBy(inputs: ReadInputs, { neurons, mechanisms }: Recomputed): CarriedOver {
  const ids = new Map(neurons.map(({ uid, registrationId }) => [uid, registrationId]));
  return {
    lastEpochBlock: inputs.due.block,
    rows: rowsOf(inputs),
    isWithoutSplit: inputs.mechanismSplit === undefined,
    permits: new Set(neurons.filter(({ permit }) => permit).map(({ registrationId }) => registrationId)),
    bonds: mechanisms.flatMap(({ id: mechanismId, output }) =>
      output.bonds.flatMap((row, validator) =>
        row.flatMap(([miner, value]) => {
          const [from, to] = [ids.get(validator), ids.get(miner)];
          return from === undefined || to === undefined ? [] : [{ mechanismId, from, to, value }];
        }),
      ),
    ),
    states: new Map(
      mechanisms.flatMap(({ id, policy }) => (policy === undefined ? [] : [[id, toStored(policy.state)]])),
    ),
  };
}
