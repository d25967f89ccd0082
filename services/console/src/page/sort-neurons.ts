import type { NeuronView } from '../domain/views.ts';

/** The columns that the metagraph sorts by. */
export type SortKey =
  | 'uid'
  | 'name'
  | 'role'
  | 'stake'
  | 'incentive'
  | 'dividends'
  | 'validatorTrust'
  | 'earned'
  | 'loss';

export interface Sorting {
  readonly key: SortKey;
  readonly direction: 'ascending' | 'descending';
}

/** A first click on a column of text or loss starts at its low end, on one of amounts at its high end. */
export function nextSorting(current: Sorting, key: SortKey): Sorting {
  if (current.key === key) return { key, direction: current.direction === 'ascending' ? 'descending' : 'ascending' };
  return { key, direction: ['uid', 'name', 'role', 'loss'].includes(key) ? 'ascending' : 'descending' };
}

/** Sorted rows; equal ones stand by uid, and a loss that is not known stands last either way. */
export function sortNeurons(neurons: readonly NeuronView[], sorting: Sorting): NeuronView[] {
  const sign = sorting.direction === 'ascending' ? 1 : -1;
  return neurons.toSorted((left, right) => {
    if (sorting.key === 'loss' && (left.loss === null || right.loss === null)) {
      return Number(left.loss === null) - Number(right.loss === null) || left.uid - right.uid;
    }
    return sign * compare(left, right, sorting.key) || left.uid - right.uid;
  });
}

/** Rows whose name, keys, uid, role or reason contain the text; the empty text keeps all. */
export function searchNeurons(neurons: readonly NeuronView[], text: string): NeuronView[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [...neurons];
  return neurons.filter((neuron) =>
    [
      neuron.name,
      neuron.namespace,
      neuron.hotkey,
      neuron.coldkey,
      `uid ${neuron.uid}`,
      String(neuron.uid),
      neuron.role,
      neuron.reason,
    ].some((part) => part.toLowerCase().includes(wanted)),
  );
}

function compare(left: NeuronView, right: NeuronView, key: SortKey): number {
  switch (key) {
    case 'uid':
      return left.uid - right.uid;
    case 'name':
      return left.name.localeCompare(right.name);
    case 'role':
      return left.role.localeCompare(right.role);
    case 'stake':
      return compareRao(left.stake.rao, right.stake.rao);
    case 'earned':
      return compareRao(left.earnedLastEpoch.rao, right.earnedLastEpoch.rao);
    case 'incentive':
      return left.incentive - right.incentive;
    case 'dividends':
      return left.dividends - right.dividends;
    case 'validatorTrust':
      return left.validatorTrust - right.validatorTrust;
    case 'loss':
      return (left.loss ?? 0) - (right.loss ?? 0);
  }
}

function compareRao(left: string, right: string): number {
  const difference = BigInt(left) - BigInt(right);
  return difference === 0n ? 0 : difference > 0n ? 1 : -1;
}
