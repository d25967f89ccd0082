/** What the ledger knows about this miner's endpoint. */
export type KnownEndpoint = {
  readonly urls: readonly string[];
  readonly spkiSha256: Uint8Array;
  readonly expiresAtBlock: bigint;
};

/** An announcement holds for so many blocks, and is renewed when a tenth of them is left. */
export const ANNOUNCED_BLOCKS = 20_000n;

/** Whether the ledger has to be told: the endpoint is unknown to it, another one, or soon forgotten. */
export function mustAnnounce(
  own: { readonly urls: readonly string[]; readonly spkiSha256: Uint8Array },
  known: KnownEndpoint | undefined,
  block: bigint,
): boolean {
  if (known === undefined || known.expiresAtBlock < block + ANNOUNCED_BLOCKS / 10n) return true;
  return known.urls.join(' ') !== own.urls.join(' ') || !areEqual(known.spkiSha256, own.spkiSha256);
}

function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
