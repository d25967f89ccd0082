/** Members of each countermeasure, in the order in which countermeasures act. Numbers all; the ledger checks them. */
export const COUNTERMEASURE_MEMBERS = {
  firewall: [
    'minersMin',
    'flatWithinPpm',
    'flatDistancePpm',
    'staleWithinPpm',
    'othersMovedPpm',
    'staleAfterEpochs',
    'reversalPpm',
    'quorumPpm',
  ],
  assignment: ['judges', 'coverageU16'],
  boundedScores: ['factorPpm'],
  qualityFloor: ['heldPpm', 'fractionPpm', 'hysteresisPpm'],
  incentiveCurve: ['weightsByPlace'],
  reputation: ['startPpm', 'upPpm', 'downPpm'],
  deviation: ['limitPpm', 'timesMedianPpm', 'reduceAfterEpochs', 'reductionPpm', 'evidenceAfterEpochs'],
} as const;

export type CountermeasureName = keyof typeof COUNTERMEASURE_MEMBERS;

type MemberOf<Name extends CountermeasureName> = (typeof COUNTERMEASURE_MEMBERS)[Name][number];

/** `spec.policy.countermeasures`: what stands around the consensus. What is left out the ledger resolves. */
export type CountermeasuresSpec = {
  readonly [Name in CountermeasureName]?:
    | {
        readonly [Member in MemberOf<Name>]?:
          | (Member extends 'weightsByPlace' ? readonly number[] : number)
          | undefined;
      }
    | undefined;
};

export const COUNTERMEASURE_NAMES = Object.keys(COUNTERMEASURE_MEMBERS) as readonly CountermeasureName[];

/** Countermeasures that are on, in the order in which they act. */
export function namesOf(chosen: { readonly [Name in CountermeasureName]?: unknown }): CountermeasureName[] {
  return COUNTERMEASURE_NAMES.filter((name) => chosen[name] !== undefined);
}
