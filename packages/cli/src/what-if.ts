import { withoutValidator } from '@subnetes/consensus/counterfactual';
import { inputFromStored, toStored } from '@subnetes/consensus/epoch-json';
import type { Override } from '@subnetes/consensus/overrides';
import { overridePolicy, POLICY_OVERRIDE_NAMES, type PolicyChange } from '@subnetes/policy/override-policy';
import type { Neuron } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { EXIT, Failure, usageFailure } from './failure.ts';
import { neuronName } from './neuron-finder.ts';
import { hexOf } from './number-text.ts';
import type { EpochInputsDocument, NeuronResult, Recomputed } from '@subnetes/replay/recompute-epoch';

/** What is to be different in an epoch. */
export interface WhatIf {
  readonly overrides: readonly Override[];
  /** Uids of validators that are to be left out. */
  readonly without: readonly number[];
}

/** One neuron's pay, and what it would have been. Money in rao. */
export interface Comparison {
  readonly before: NeuronResult;
  readonly after: NeuronResult;
  readonly paidBefore: bigint;
  readonly paidAfter: bigint;
  readonly difference: bigint;
}

/** Reads `NAME=VALUE`. */
export function overrideOf(text: string): Override {
  const [, name, value] = /^([A-Za-z0-9]{1,40})=(.{0,64})$/.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw usageFailure(
      `--set ${text.slice(0, 80)}: write NAME=VALUE, where NAME is one of ${POLICY_OVERRIDE_NAMES.join(', ')}`,
    );
  }
  return { name, value };
}

/** A document that was changed, and what the changes came to. */
export interface ChangedDocument {
  readonly document: EpochInputsDocument;
  readonly changes: readonly PolicyChange[];
}

/** The document under other rules or without some validators. */
export function changedDocument(document: EpochInputsDocument, { overrides, without }: WhatIf): ChangedDocument {
  let changes: readonly PolicyChange[] = [];
  let { countermeasures } = document;
  const mechanisms = document.mechanisms.map((mechanism) => {
    const input = inputFromStored(mechanism.epoch);
    const rules = { parameters: input.parameters, countermeasures: document.countermeasures };
    const overridden = overridePolicy(rules, overrides);
    if (!overridden.ok) throw usageFailure(`--set ${overridden.message}`);
    ({ changes, countermeasures } = overridden); // all mechanisms follow one policy
    const changed = without.reduce((epoch, uid) => withoutValidator(epoch, uid), {
      ...input,
      parameters: overridden.parameters,
    });
    return { ...mechanism, epoch: toStored(changed) };
  });
  const { countermeasures: _before, ...rest } = document;
  const around = countermeasures === undefined ? {} : { countermeasures };
  return { document: { ...rest, mechanisms, ...around }, changes };
}

/**
 * Uids at that epoch of who is meant: a uid, a hotkey, or the name of a resource that manages a registration which was there.
 */
export function uidsOf(names: readonly string[], document: EpochInputsDocument, neurons: readonly Neuron[]): number[] {
  const there = document.due.neurons;
  const named = new Map(neurons.map((neuron) => [hexOf(neuron.registrationId), neuron]));
  return names.map((name) => {
    const found = there.filter(({ uid, hotkey, registrationId }) =>
      /^\d{1,5}$/.test(name)
        ? uid === Number(name)
        : hotkey === name || named.get(registrationId)?.managedBy?.name === name,
    );
    const [first, second] = found;
    if (first !== undefined && second === undefined) return first.uid;
    const known = there.map(({ uid, registrationId }) => `${nameAt(named.get(registrationId))}${uid}`).join(', ');
    throw new Failure({
      code: first === undefined ? 'NEURON_NOT_FOUND' : 'AMBIGUOUS_NAME',
      message:
        first === undefined ? `nobody called ${name} was registered at that epoch` : `${name} is the name of several`,
      exitCode: EXIT.refused,
      remedy: `name one by its uid: ${known.slice(0, 1000)}`,
    });
  });
}

function nameAt(neuron: Neuron | undefined): string {
  return neuron === undefined ? 'uid ' : `${neuronName(neuron)} is uid `;
}

/** Neuron by neuron, the largest gain first; equal ones by uid. */
export function compareEpochs(before: Recomputed, after: Recomputed): Comparison[] {
  return before.neurons
    .map((was, at): Comparison => {
      const is = after.neurons[at] ?? was;
      const [paidBefore, paidAfter] = [was.incentiveRao + was.dividendRao, is.incentiveRao + is.dividendRao];
      return { before: was, after: is, paidBefore, paidAfter, difference: paidAfter - paidBefore };
    })
    .toSorted((left, right) => (left.difference > right.difference ? -1 : left.difference < right.difference ? 1 : 0));
}
