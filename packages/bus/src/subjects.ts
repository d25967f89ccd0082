/** Every subject, stream and bucket of the bus is named here and nowhere else. Version token first, netuid last. */

export const STREAMS = {
  ledger: { name: 'LEDGER', subjects: ['ledger.v1.>'] },
  scoring: { name: 'SCORING', subjects: ['scoring.v1.>'] },
  usage: { name: 'USAGE', subjects: ['usage.v1.>'] },
  audit: { name: 'AUDIT', subjects: ['audit.v1.>'] },
} as const;
export type StreamName = (typeof STREAMS)[keyof typeof STREAMS]['name'];

/** Who writes a bucket: metagraph scoring alone, endpoints the ledger alone, prices and api-keys billing alone. */
export const BUCKETS = ['metagraph', 'endpoints', 'prices', 'api-keys'] as const;
export type BucketName = (typeof BUCKETS)[number];

/**
 * Key of bucket api-keys, beside those by key id, whose presence says that every valid key is in the bucket: one that was
 * made anew is filled bit by bit, and a key that is not there yet is not to be taken for one that is no more.
 */
export const API_KEYS_COMPLETE = 'complete';

export const blockSubject = (): string => 'ledger.v1.block';
export const epochDueSubject = (netuid: number): string => `ledger.v1.epoch.due.${token(netuid)}`;
export const epochPaidSubject = (netuid: number): string => `ledger.v1.epoch.paid.${token(netuid)}`;
export const registrationSubject = (netuid: number): string => `ledger.v1.registration.${token(netuid)}`;
export const subnetSubject = (netuid: number): string => `ledger.v1.subnet.${token(netuid)}`;
export const endpointSubject = (netuid: number): string => `ledger.v1.endpoint.${token(netuid)}`;
export const epochScoredSubject = (netuid: number): string => `scoring.v1.epoch.scored.${token(netuid)}`;
export const usageSubject = (netuid: number): string => `usage.v1.${token(netuid)}`;

/** Filters for consumers that take all subnets. */
export const ALL_EPOCHS_DUE = 'ledger.v1.epoch.due.*';
export const ALL_EPOCHS_PAID = 'ledger.v1.epoch.paid.*';
export const ALL_SUBNETS = 'ledger.v1.subnet.*';
export const ALL_REGISTRATIONS = 'ledger.v1.registration.*';
export const ALL_ENDPOINTS = 'ledger.v1.endpoint.*';
export const ALL_EPOCHS_SCORED = 'scoring.v1.epoch.scored.*';
export const ALL_USAGE = 'usage.v1.*';

export const ledgerMessageId = (sequence: bigint): string => `ledger/${sequence}`;
export const scoredMessageId = (netuid: number, index: bigint): string => `scoring/${netuid}/${index}`;
/** Of an epoch told again with so many witnesses: another id than before, or the stream would drop it as a repeat. */
export const witnessedMessageId = (netuid: number, index: bigint, witnesses: number): string =>
  `${scoredMessageId(netuid, index)}/witnesses/${witnesses}`;
export const usageMessageId = (requestId: string): string => `usage/${requestId}`;

function token(netuid: number): string {
  if (!Number.isInteger(netuid) || netuid < 0 || netuid > 65_535) throw new RangeError(`${netuid} is no netuid`);
  return String(netuid);
}
