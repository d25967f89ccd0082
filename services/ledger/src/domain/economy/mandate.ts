/** What a mandate may allow in this version. */
export type Operation = 'Register' | 'Stake' | 'SetPolicy' | 'Deregister' | 'CreateSubnet' | 'DissolveSubnet';

/** A coldkey's permission for a namespace of a cluster to spend, after its signature was verified. Money in rao. */
export interface Mandate {
  /** Hex; the mandate's name in the journal. */
  readonly sha256: string;
  /** SS58 of the coldkey that signed and pays. */
  readonly payer: string;
  /** SS58 of the coldkey that will own what is made. */
  readonly owner: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly operations: readonly string[];
  /** Empty: every subnet. */
  readonly netuids: readonly number[];
  readonly maxPerOperation: bigint;
  readonly maxTotal: bigint;
  readonly notAfterBlock: number;
}

/** What the ledger remembers of a mandate that was used or revoked. */
export interface MandateRecord {
  readonly payer: string;
  readonly used: bigint;
  readonly revoked: boolean;
}

/** Which object of which cluster asked. */
export interface Cause {
  readonly cluster: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly objectUid: string;
  readonly generation: number;
}

/** How far a mandate is used up, for messages to people. */
export interface MandateUse {
  readonly used: bigint;
  readonly max: bigint;
  readonly notAfterBlock: number;
  readonly payer: string;
}

/** The payer is part of the key, so that nobody can revoke or use up a mandate that is not theirs. */
export function mandateKey(payer: string, sha256: string): string {
  return `${payer}/${sha256}`;
}

export function useOf(mandate: Mandate, used: bigint): MandateUse {
  return { used, max: mandate.maxTotal, notAfterBlock: mandate.notAfterBlock, payer: mandate.payer };
}
