/** What a validator commits to before it reveals it. */
export interface WeightCommit {
  /** 32 bytes of the hotkey's account. */
  readonly hotkey: Uint8Array;
  readonly netuid: number;
  readonly mechanismId: number;
  /** As submitted, before any scaling. */
  readonly uids: readonly number[];
  readonly values: readonly number[];
  readonly salt: readonly number[];
  readonly versionKey: bigint;
}

/**
 * The bytes whose BLAKE2b-256 is a salted weight commit on chain: SCALE of (account, storage index, uids, values, salt,
 * version key), little endian, the storage index being netuid + 4096 * mechanism. Throws RangeError on what does not fit.
 */
export function commitPreimage(commit: WeightCommit): Uint8Array<ArrayBuffer> {
  if (commit.hotkey.length !== 32) throw new RangeError(`a hotkey has 32 bytes, not ${commit.hotkey.length}`);
  if (commit.versionKey < 0n || commit.versionKey >= 1n << 64n) throw new RangeError('the version key is not a u64');
  const version = Array.from({ length: 8 }, (_, byte) => Number((commit.versionKey >> BigInt(8 * byte)) & 0xffn));
  return Uint8Array.from([
    ...commit.hotkey,
    ...u16(commit.netuid + 4096 * commit.mechanismId),
    ...u16List(commit.uids),
    ...u16List(commit.values),
    ...u16List(commit.salt),
    ...version,
  ]);
}

function u16List(values: readonly number[]): number[] {
  return [...compactLength(values.length), ...values.flatMap(u16)];
}

function u16(value: number): number[] {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff) throw new RangeError(`${value} is not a u16`);
  return [value & 0xff, value >> 8];
}

/** SCALE compact length: two low bits say how many bytes follow. Lists here hold at most 4096 items. */
function compactLength(length: number): number[] {
  if (length < 1 << 6) return [length << 2];
  if (length < 1 << 14) {
    const encoded = (length << 2) | 1;
    return [encoded & 0xff, encoded >> 8];
  }
  throw new RangeError(`a list of ${length} items is too long to commit to`);
}
