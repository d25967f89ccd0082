import type { Reason } from './reason.ts';

/** What a condition says, before anybody knows when it began to hold. */
export interface Judgement {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: Reason;
  readonly message: string;
}

export type ConditionType =
  | 'Accepted'
  | 'Registered'
  | 'Available'
  | 'Ready'
  | 'Earning'
  | 'Scoring'
  | 'EpochPaid'
  | 'IncentiveFunction'
  | 'Serving'
  | 'Healthy'
  | 'EvictionAnnounced'
  | 'Dissolving'
  | 'Slashed'
  | 'Reconciling'
  | 'Stalled';

export function holds(type: ConditionType, reason: Reason, message = ''): Judgement {
  return { type, status: 'True', reason, message };
}

export function fails(type: ConditionType, reason: Reason, message: string): Judgement {
  return { type, status: 'False', reason, message };
}

export function unknown(type: ConditionType, reason: Reason, message: string): Judgement {
  return { type, status: 'Unknown', reason, message };
}

/** One rule over what was observed; undefined when it is kept. */
export type Policy<Facts> = (facts: Facts) => { readonly reason: Reason; readonly message: string } | undefined;

/** The first rule that is broken: the one that a person should act on. */
export function firstViolation<Facts>(
  policies: readonly Policy<Facts>[],
  facts: Facts,
): { readonly reason: Reason; readonly message: string } | undefined {
  for (const policy of policies) {
    const violation = policy(facts);
    if (violation !== undefined) return violation;
  }
  return undefined;
}

/** Ready is Accepted, Registered and Available together and nothing else. */
export function readiness(judgements: readonly Judgement[]): Judgement {
  const required = judgements.filter(
    ({ type }) => type === 'Accepted' || type === 'Registered' || type === 'Available',
  );
  const missing = required.find(({ status }) => status !== 'True');
  if (missing === undefined) return holds('Ready', 'Ready');
  return fails('Ready', missing.reason, `${missing.type} does not hold: ${missing.message}`);
}

/** Reasons that only a person can do away with; everything else is on its way. */
const NEEDS_A_PERSON: ReadonlySet<Reason> = new Set<Reason>([
  'NoMandate',
  'MandateExhausted',
  'PolicyRefused',
  'HandleTaken',
  'AlreadyManaged',
  'SubnetNotFound',
  'NamespaceNotAllowed',
  'KeyJobFailed',
  'PayerOutOfFunds',
  'CostAboveMax',
  'SubnetFull',
  'RegistrationClosed',
  'ApprovalNeeded',
  'NameTaken',
  'RegistrationRefused',
  'StakeRefused',
  'Evicted',
  'Dissolved',
  'PodsRefused',
  'PodsFailing',
  'ModelHashMismatch',
  'ModelMissing',
  'FunctionMissing',
  'FunctionHashMismatch',
  'FunctionRefused',
]);

/** What each reason means and what to do about it; the console serves it as well. */
const REASONS_PAGE = 'docs/runbooks/reasons.md';

/** What kstatus reads: Stalled when a person has to act, Reconciling while it is on its way, neither when ready. */
export function progress(judgements: readonly Judgement[]): readonly Judgement[] {
  const ready = judgements.find(({ type }) => type === 'Ready');
  if (ready === undefined || ready.status === 'True' || ready.reason === 'Suspended') return [];
  if (!NEEDS_A_PERSON.has(ready.reason)) return [holds('Reconciling', 'Progressing', ready.message)];
  const words = ready.message.endsWith('.') ? ready.message : `${ready.message}.`;
  return [holds('Stalled', ready.reason, `${words} See ${REASONS_PAGE}#${ready.reason.toLowerCase()}.`)];
}
