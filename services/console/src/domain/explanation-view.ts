import type { ExplanationRecord } from './market.ts';
import type { SubnetReading } from './metagraph-view.ts';
import { neuronView } from './metagraph-view.ts';
import { minerAccountView } from './miner-account-view.ts';
import { validatorAccountView } from './validator-account-view.ts';
import type { ExplanationView, NeuronView } from './views.ts';

/** Outcome of explaining: a uid that nobody holds is refused. */
export type Explained =
  | { readonly ok: true; readonly view: ExplanationView }
  | { readonly ok: false; readonly code: 'NEURON_NOT_FOUND'; readonly message: string };

/** Why a neuron earns what it earns, with the names of the other side. */
export function explanationView(reading: SubnetReading, uid: number, explanation: ExplanationRecord): Explained {
  const record = reading.neurons.find((neuron) => neuron.uid === uid);
  if (record === undefined) {
    return {
      ok: false,
      code: 'NEURON_NOT_FOUND',
      message: `no neuron holds uid ${uid} in subnet ${reading.subnet.netuid}`,
    };
  }
  const names = new Map(
    reading.neurons.map((neuron) => [neuron.uid, neuronView(neuron, undefined, reading.network).name]),
  );
  const nameOf = (other: number): string => names.get(other) ?? `uid ${other}`;
  const neuron = neuronView(record, explanation.neuron, reading.network);
  const accountView = neuron.role === 'Miner' ? minerAccountView : validatorAccountView;
  return {
    ok: true,
    view: {
      epoch: Number(explanation.index),
      inputsSha256: explanation.inputsSha256,
      formula: `Yuma ${explanation.yumaVersion}`,
      policyVersion: Number(explanation.policyVersion),
      neuron,
      standing: standingOf(neuron, explanation, nameOf),
      slashes: [],
      accounts: explanation.accounts.map((account) => accountView(account, { nameOf, symbol: reading.network.symbol })),
    },
  };
}

function standingOf(neuron: NeuronView, explanation: ExplanationRecord, nameOf: (uid: number) => string): string {
  if (neuron.role === 'Validator') return '';
  if (neuron.incentive === 0) return 'No incentive in this epoch.';
  if (explanation.nextBetter === undefined) return 'First by incentive in this epoch.';
  return `${explanation.nextBetter.distance} of incentive behind ${nameOf(explanation.nextBetter.uid)}, the next better miner.`;
}
