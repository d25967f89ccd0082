import { NEURONS_MAX } from '@subnetes/consensus/check-input';
import type { DeviationRun } from './deviation.ts';
import type { CarriedDraw } from './interval-draw.ts';
import { REMEMBERED_MINERS_MAX, type RowMemory } from './firewall.ts';

export const STATE_FORMAT = 1;

/** What is carried of one registration; members only of rules that are on and have something to say. */
export interface NeuronState {
  /** Its uid in that epoch: rows below name miners by their uid then. */
  readonly uid: number;
  readonly belowFloor?: true;
  readonly standingPpm?: number;
  readonly deviation?: DeviationRun;
  readonly firewall?: RowMemory;
}

/** What an incentive function left for its next epoch: 65536 bytes at most, in hex. It belongs to that module alone. */
export interface FunctionState {
  readonly sha256: string;
  readonly bytesHex: string;
}

/**
 * Everything that an epoch hands to the next, as plain JSON. Keyed by registration, not by uid: a uid that is given out
 * again inherits nothing. Bounded: registrations of the last epoch only (4096 at most), of each at most 128 scores and as
 * many deviant epochs as the policy asks for as evidence (100 at most), what the incentive function left, and four draws.
 */
export interface PolicyState {
  readonly format: typeof STATE_FORMAT;
  readonly neurons: Readonly<Record<string, NeuronState>>;
  readonly incentiveFunction?: FunctionState;
  /** Of judges, ascending by interval: those whose rows are still to count. */
  readonly draws?: readonly CarriedDraw[];
}

export const EMPTY_STATE: PolicyState = { format: STATE_FORMAT, neurons: {} };

/** A state in terms of this epoch's uids: who is new has none, miners that left are gone from remembered rows. */
export function stateByUid(state: PolicyState, registrations: readonly (string | null)[]): (NeuronState | undefined)[] {
  if (state.format !== STATE_FORMAT || Object.keys(state.neurons).length > NEURONS_MAX) {
    throw new RangeError(`policy state: not of format ${STATE_FORMAT} with at most ${NEURONS_MAX} neurons`);
  }
  const byId = new Map(Object.entries(state.neurons));
  const renumbered = new Map(
    registrations.flatMap((id, uid) => {
      const before = id === null ? undefined : byId.get(id)?.uid;
      return before === undefined ? [] : [[before, uid] as const];
    }),
  );
  return registrations.map((id) => {
    const own = id === null ? undefined : byId.get(id);
    return own?.firewall === undefined ? own : { ...own, firewall: memoryFor(own.firewall, renumbered) };
  });
}

function memoryFor({ row, ...rest }: RowMemory, renumbered: ReadonlyMap<number, number>): RowMemory {
  const moved = row.slice(0, REMEMBERED_MINERS_MAX).flatMap(([before, value]) => {
    const uid = renumbered.get(before);
    return uid === undefined ? [] : [[uid, value] as const];
  });
  return { row: moved.toSorted(([left], [right]) => left - right), ...rest };
}

/** The state that follows an epoch; neurons without anything to carry are left out. */
export function stateAfter(
  registrations: readonly (string | null)[],
  carried: readonly Omit<NeuronState, 'uid'>[],
  incentiveFunction?: FunctionState,
): PolicyState {
  // Whoever is named in a remembered row has to be found again, so everybody is kept once any row is.
  const hasRows = carried.some(({ firewall }) => firewall !== undefined);
  const neurons = registrations.flatMap((id, uid) => {
    const own = carried[uid] ?? {};
    return id === null || (!hasRows && Object.keys(own).length === 0) ? [] : [[id, { uid, ...own }] as const];
  });
  return {
    format: STATE_FORMAT,
    neurons: Object.fromEntries(neurons),
    ...(incentiveFunction === undefined ? {} : { incentiveFunction }),
  };
}
