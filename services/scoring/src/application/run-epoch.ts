import { runKernelEpoch } from '@subnetes/consensus/kernel';
import { storedBytes } from '@subnetes/consensus/stored-bytes';
import type { OpenedRound } from '@subnetes/policy/interval-draw';
import { bondsAfter, NO_BONDS } from '#domain/bonds.ts';
import {
  buildEpochInputs,
  type EpochDue,
  type EpochInputs,
  type GatheredWeights,
  type PolicyStates,
} from '#domain/epoch-inputs.ts';
import { outputsDocument } from '#domain/outputs-document.ts';
import { buildRootInputs } from '#domain/root-inputs.ts';
import { ROOT_NETUID } from '#domain/root-network.ts';
import { scoreEpoch, statesAfter } from '#domain/score-epoch.ts';
import { countRevealed, standingsOf } from '#domain/standing.ts';
import type { CountedRow } from '#domain/weights.ts';
import { askFunctions, type FunctionRunner, type FunctionStore } from './incentive-functions.ts';
import { closeMissed } from './close-missed.ts';
import { measureEpoch } from './measure-epoch.ts';
import type { EpochRecord, Sha256, Store, SubnetTransaction } from './ports.ts';

/** `repeated`: the epoch was scored before, nothing changed. */
export type EpochOutcome = { readonly kind: 'scored' | 'repeated'; readonly netuid: number; readonly index: number };

/** An epoch came before the one it builds on: it has to be kept until that has been scored. */
export class EarlierEpochMissing extends Error {
  override readonly name = 'EarlierEpochMissing';
}

export type RunEpoch = (due: EpochDue) => Promise<EpochOutcome>;

/**
 * Scores a sealed epoch once: what was committed before this transaction counts, what comes later belongs to the next
 * interval. Inputs, outputs, permits, bonds, the next interval and the message to publish are one transaction. What the epoch
 * looks like to people is made later, by `readMetagraph`. A subnet's incentive function runs beside this thread; one whose
 * module nobody has holds nothing up, and the inputs say so.
 */
export function makeRunEpoch(
  ports: EpochPorts & { readonly store: Store; readonly functions: ReadFunctions },
): RunEpoch {
  const { store, functions } = ports;
  return async (due) => {
    const named = due.policy.countermeasures?.incentiveFunction;
    const module = named === undefined ? undefined : await functions.module(named.sha256);
    const sealed = { due, module, functionMissing: named !== undefined && module === undefined };
    return store.inSubnet(due.netuid, async (transaction) => {
      const outcome = await settle(ports, transaction, sealed);
      await transaction.observe(due); // last: all subnets share the position, and none should wait for another's epoch
      return outcome;
    });
  };
}

type ReadFunctions = Pick<FunctionStore, 'module'>;

interface EpochPorts {
  readonly sha256: Sha256;
  readonly networkId: string;
  readonly runner: Pick<FunctionRunner, 'run'>;
}

/** A seal with the module that its policy names, if it names one and it is there. */
interface DueWithModule {
  readonly due: EpochDue;
  readonly module: Uint8Array | undefined;
  readonly functionMissing: boolean;
}

async function settle(
  ports: EpochPorts,
  transaction: SubnetTransaction,
  { due, module, functionMissing }: DueWithModule,
): Promise<EpochOutcome> {
  await applySeal(transaction, due);
  const interval = (await transaction.subnet())?.interval ?? 1;
  const { netuid, index } = due;
  if (index < interval) {
    // The newest epoch told again means that its outputs may not have arrived: a bus can lose its store.
    if (index === interval - 1) await transaction.republish(index);
    return { kind: 'repeated', netuid, index };
  }
  if (due.index > interval) {
    throw new EarlierEpochMissing(`subnet ${due.netuid}: epoch ${due.index} is due, epoch ${interval} was never seen`);
  }
  const commits = await closeMissed(transaction, due, await transaction.commitsSince(due.index));
  const gathered = { ...(await gather(transaction, due)), functionMissing };
  const build = netuid === ROOT_NETUID ? buildRootInputs : buildEpochInputs;
  const inputs = build(ports.networkId, due, gathered);
  const standings = standingsOf(commits, gathered.inForce, index);
  const { missedReveal, yumaVersion } = due.policy;
  const scored = await score(inputs, module, ports);
  await transaction.putEpoch({
    ...scored,
    yumaVersion,
    standings: { standings, missedReveal },
    revealed: countRevealed(due.neurons, standings),
  });
  await measureEpoch(transaction, scored, ports.sha256);
  return { kind: 'scored', netuid, index };
}

/** The seal says who is registered and which policy holds, whatever became of the messages that said so before. */
async function applySeal(transaction: SubnetTransaction, due: EpochDue): Promise<void> {
  // What is submitted from now on goes by the policy that begins with this seal; the epoch itself runs under `due.policy`.
  const policy = due.nextPolicy ?? due.policy;
  await transaction.putSubnet({ sequence: due.sequence, startBlock: due.subnetStartBlock, policy });
  const registrations = due.neurons.map((neuron) => ({ ...neuron, netuid: due.netuid, ended: false }));
  await transaction.putRegistrations(registrations, due.sequence);
}

async function gather(transaction: SubnetTransaction, due: EpochDue): Promise<GatheredWeights> {
  const before = await transaction.epochState(due.index - 1);
  const states = before?.states ?? {};
  return {
    lastEpochBlock: before?.block ?? null,
    inForce: (await transaction.rowsInForce()).map((row) => withinSeal(row, due.block)),
    permits: await transaction.permits(due.index - 1),
    bonds: before?.bonds ?? NO_BONDS,
    states,
    opened: await openedRound(transaction, due, states),
  };
}

/** The round that drew the judges of the interval whose rows count now; all mechanisms have the same. */
async function openedRound(
  transaction: SubnetTransaction,
  { index, policy }: EpochDue,
  states: PolicyStates,
): Promise<OpenedRound | undefined> {
  const { commitReveal, countermeasures } = policy;
  if (countermeasures?.assignment === undefined || commitReveal.type === 'Off') return undefined;
  const interval = index - commitReveal.revealPeriodEpochs;
  const draws = Object.values(states).flatMap((state) => state.draws ?? []);
  const draw = draws.find((each) => each.interval === interval);
  const signature = draw && (await transaction.drawSignature(draw));
  return signature === undefined ? undefined : { interval, signature };
}

/** Scoring may have seen later blocks before it came to the seal; a row of the interval that it ends is not of after it. */
function withinSeal(row: CountedRow, sealedBlock: number): CountedRow {
  return row.block <= sealedBlock ? row : { ...row, block: sealedBlock };
}

const utf8 = new TextDecoder();

async function score(
  inputs: EpochInputs,
  module: Uint8Array | undefined,
  { sha256, runner }: EpochPorts,
): Promise<Omit<EpochRecord, 'yumaVersion' | 'standings' | 'revealed'>> {
  const inputsJson = storedBytes(inputs);
  const inputsSha256 = sha256(inputsJson);
  const answers = await askFunctions(runner, { inputs, inputsSha256, run: runKernelEpoch }, module);
  const outputs = scoreEpoch(inputs, inputsSha256, { answers });
  const outputsJson = storedBytes(outputsDocument(outputs));
  return {
    inputs,
    inputsJson: utf8.decode(inputsJson),
    inputsSha256,
    outputs,
    outputsJson: utf8.decode(outputsJson),
    outputsSha256: sha256(outputsJson),
    bonds: bondsAfter(inputs, outputs),
    states: statesAfter(outputs),
  };
}
