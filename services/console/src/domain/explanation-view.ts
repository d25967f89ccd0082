import type { ExplanationRecord, WeightRecord } from './market.ts';
import type { SubnetReading } from './metagraph-view.ts';
import { neuronView } from './metagraph-view.ts';
import type { ExplanationView, NeuronView, WeightView } from './views.ts';

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
  return {
    ok: true,
    view: {
      epoch: Number(explanation.index),
      inputsSha256: explanation.inputsSha256,
      formula: `Yuma ${explanation.yumaVersion}`,
      policyVersion: Number(explanation.policyVersion),
      consensus: explanation.consensus,
      neuron,
      weights: weightsOf(neuron, explanation, nameOf),
      standing: standingOf(neuron, explanation, nameOf),
    },
  };
}

function weightsOf(neuron: NeuronView, explanation: ExplanationRecord, nameOf: (uid: number) => string): WeightView[] {
  const isMiner = neuron.role === 'Miner';
  const records = isMiner ? explanation.given : explanation.gave;
  return records.map((record) => weightView(record, isMiner ? record.validatorUid : record.minerUid, nameOf));
}

function weightView(record: WeightRecord, uid: number, nameOf: (uid: number) => string): WeightView {
  return {
    uid,
    name: nameOf(uid),
    stakeShare: record.stakeShare,
    gave: record.gave,
    counted: record.counted,
    clipped: record.clipped,
  };
}

function standingOf(neuron: NeuronView, explanation: ExplanationRecord, nameOf: (uid: number) => string): string {
  if (neuron.role === 'Validator') return '';
  if (neuron.incentive === 0) return 'No incentive in this epoch.';
  if (explanation.nextBetter === undefined) return 'First by incentive in this epoch.';
  return `${explanation.nextBetter.distance} of incentive behind ${nameOf(explanation.nextBetter.uid)}, the next better miner.`;
}
