import { withoutValidator } from '@subnetes/consensus/counterfactual';
import type { Override } from '@subnetes/consensus/overrides';
import { overridePolicy, type PolicyChange } from '@subnetes/policy/override-policy';
import type { ScorableInputs, MechanismInput } from './epoch-inputs.ts';
import type { EpochOutputs } from './score-epoch.ts';

/** What is to be different in an epoch that is computed again. */
export interface WhatIf {
  readonly overrides: readonly Override[];
  /** Uids of validators that are to be left out. */
  readonly withoutValidators: readonly number[];
}

/** Which part of a question is wrong, as its field on the wire, and what to change. */
export interface WhatIfRefusal {
  readonly field: string;
  readonly message: string;
}

export type Changed =
  | { readonly inputs: ScorableInputs; readonly changes: readonly PolicyChange[] }
  | { readonly refusal: WhatIfRefusal };

/** What one neuron was paid, and what it would have been. Money in rao. */
export interface NeuronComparison {
  readonly uid: number;
  readonly incentiveBefore: number;
  readonly incentiveAfter: number;
  readonly dividendsBefore: number;
  readonly dividendsAfter: number;
  /** Incentive and dividends together. */
  readonly paidBefore: bigint;
  readonly paidAfter: bigint;
  readonly difference: bigint;
}

/** The same inputs under other rules or without some validators; pots stay what they are. */
export function changedInputs(inputs: ScorableInputs, whatIf: WhatIf): Changed {
  const unknown = whatIf.withoutValidators.findIndex((uid) => !inputs.due.neurons.some((each) => each.uid === uid));
  if (unknown >= 0) {
    const message = `uid ${whatIf.withoutValidators[unknown]} was not registered at that epoch`;
    return { refusal: { field: `without_validators[${unknown}]`, message } };
  }
  const mechanisms: MechanismInput[] = [];
  let changes: readonly PolicyChange[] = [];
  let { countermeasures } = inputs;
  for (const mechanism of inputs.mechanisms) {
    const rules = { parameters: mechanism.epoch.parameters, countermeasures: inputs.countermeasures };
    const overridden = overridePolicy(rules, whatIf.overrides);
    if (!overridden.ok) {
      return { refusal: { field: `set[${overridden.at}].${overridden.field}`, message: overridden.message } };
    }
    ({ changes, countermeasures } = overridden); // all mechanisms follow one policy
    const epoch = whatIf.withoutValidators.reduce(withoutValidator, {
      ...mechanism.epoch,
      parameters: overridden.parameters,
    });
    mechanisms.push({ ...mechanism, epoch });
  }
  const { format, due, functionMissing } = inputs;
  return {
    inputs: {
      format,
      due,
      mechanisms,
      ...(countermeasures === undefined ? {} : { countermeasures }),
      ...(functionMissing === undefined ? {} : { functionMissing }),
    },
    changes,
  };
}

/** Neuron by neuron, the largest gain first; equal ones by uid. */
export function comparePayouts(before: EpochOutputs, after: EpochOutputs): NeuronComparison[] {
  const changed = new Map(after.neurons.map((neuron) => [neuron.uid, neuron]));
  return before.neurons
    .flatMap((was) => {
      const is = changed.get(was.uid);
      if (is === undefined) return [];
      const paidBefore = was.incentiveRao + was.dividendRao;
      const paidAfter = is.incentiveRao + is.dividendRao;
      return [
        {
          uid: was.uid,
          incentiveBefore: was.incentive,
          incentiveAfter: is.incentive,
          dividendsBefore: was.dividends,
          dividendsAfter: is.dividends,
          paidBefore,
          paidAfter,
          difference: paidAfter - paidBefore,
        },
      ];
    })
    .toSorted((left, right) => (left.difference > right.difference ? -1 : left.difference < right.difference ? 1 : 0));
}
