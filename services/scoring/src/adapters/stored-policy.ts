import { canonicalJson, type Stored, toStored } from '@subnetes/consensus/epoch-json';
import type { PolicyStates } from '#domain/epoch-inputs.ts';
import type { ScoringPolicy } from '#domain/policy.ts';

/** A policy as text for the store. */
export function policyToText(policy: ScoringPolicy): string {
  return canonicalJson(toStored(policy));
}

export function policyFromText(text: string): ScoringPolicy {
  const stored = JSON.parse(text) as Stored<ScoringPolicy>;
  return {
    ...stored,
    weightsVersionKey: BigInt(stored.weightsVersionKey),
    stakeThreshold: BigInt(stored.stakeThreshold),
  };
}

/** What an epoch's policies leave, as text for the store: `{}` where there is none. */
export function statesToText(states: PolicyStates): string {
  return JSON.stringify(states);
}

/** Only what this service wrote is read here, so nothing is checked. */
export function statesFromText(text: string): PolicyStates {
  return JSON.parse(text) as PolicyStates;
}
