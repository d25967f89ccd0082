import { canonicalJson, type Stored, toStored } from '@subnetes/consensus/epoch-json';
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
