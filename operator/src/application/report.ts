import { mergeConditions, transitions } from '@subnetes/kube/conditions';
import type { ConditionType, Judgement } from '#domain/judgement.ts';
import type { Reason } from '#domain/reason.ts';
import { progress, readiness } from '#domain/judgement.ts';
import type { Note, Ports, Reported } from './ports.ts';

/** How long a refusal of the ledger rests before it is tried again: nothing in the cluster tells that it was put right. */
export const RECHECK_MS = 5_000;

/** Conditions whose change is worth an event when they begin to hold; a registration is told where it happens. */
const GOOD_NEWS: ReadonlySet<string> = new Set(['Ready', 'Earning', 'Scoring']);
/** Conditions whose failure is worth an event; Ready only repeats another. */
const BAD_NEWS: ReadonlySet<string> = new Set([
  'Accepted',
  'Registered',
  'Available',
  'Earning',
  'Scoring',
  'EpochPaid',
  'IncentiveFunction',
  'Serving',
  'Healthy',
]);

/** Conditions that are a warning by being there. */
const WARNINGS: ReadonlySet<string> = new Set(['EvictionAnnounced', 'Dissolving', 'Slashed']);

/** Reasons that every neuron passes through on its way: no event. */
const PASSING: ReadonlySet<string> = new Set([
  'PodsStarting',
  'WaitingForKey',
  'WaitingForPlace',
  'EndpointNotAnnounced',
  'NotJudgedYet',
  'NotRegistered',
  'NoMinerServes',
  'EmissionHeld',
]);

/**
 * Writes a status with its conditions, and an event for each that changed. Sends nothing when the
 * object says all of it already.
 */
export async function report(
  ports: Ports,
  object: Reported,
  told: { readonly judgements: readonly Judgement[]; readonly fields: Readonly<Record<string, unknown>> },
  signal: AbortSignal,
): Promise<void> {
  const ready = readiness(told.judgements);
  const judgements = [...told.judgements, ready, ...progress([...told.judgements, ready])];
  const previous = (object.status.conditions ?? []).map(({ observedGeneration, ...condition }) =>
    observedGeneration === undefined ? condition : { ...condition, observedGeneration },
  );
  const { generation } = object.metadata;
  const conditions = mergeConditions({ previous, judgements, generation, now: ports.now() });
  const status = { ...told.fields, observedGeneration: generation, conditions };
  const written = await ports.cluster.writeStatus(object, status, signal);
  if (!written) return;
  for (const judgement of transitions(previous, judgements)) {
    const note = noteOf(judgement as Judgement);
    if (note !== undefined) ports.cluster.record(object, note);
  }
}

/**
 * What conditions of these types said before: for a pass that has no news of the market yet, since
 * an operator that starts must not tell the world that nobody earns.
 */
export function carriedOver(object: Reported, types: readonly ConditionType[]): readonly Judgement[] {
  return types.flatMap((type) => {
    const before = object.status.conditions?.find((condition) => condition.type === type);
    if (before === undefined) return [];
    const { status, reason, message } = before;
    return [{ type, status, reason: reason as Reason, message }];
  });
}

function noteOf(judgement: Judgement): Note | undefined {
  const { type, status, reason, message } = judgement;
  if (status === 'True' && WARNINGS.has(type)) return { type: 'Warning', reason, note: message };
  if (status === 'True' && GOOD_NEWS.has(type))
    return { type: 'Normal', reason, note: message === '' ? type : message };
  if (status === 'False' && BAD_NEWS.has(type) && !PASSING.has(reason)) {
    return { type: 'Warning', reason, note: message };
  }
  return undefined;
}
