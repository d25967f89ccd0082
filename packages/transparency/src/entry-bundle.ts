import { accept, type Decision, refuse } from './refusal.ts';
import { TILE_WIDTH } from './tile.ts';

/** Entries of C2SP tlog-tiles carry their length in two bytes. */
export const ENTRY_BYTES_MAX = 65_535;
const LENGTH_BYTES = 2;

/** The entries of one level-0 tile as a file. @throws RangeError for none, more than 256, or one that is too long. */
export function entryBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length === 0 || entries.length > TILE_WIDTH) throw new RangeError('a bundle has 1 to 256 entries');
  const bytes = new Uint8Array(entries.reduce((sum, entry) => sum + LENGTH_BYTES + entry.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const entry of entries) {
    if (entry.length > ENTRY_BYTES_MAX) throw new RangeError(`an entry has at most ${ENTRY_BYTES_MAX} bytes`);
    view.setUint16(at, entry.length);
    bytes.set(entry, at + LENGTH_BYTES);
    at += LENGTH_BYTES + entry.length;
  }
  return bytes;
}

/** The entries of a bundle that should hold `width` of them. */
export function readEntryBundle(bytes: Uint8Array, width: number): Decision<readonly Uint8Array[]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (entries.length === width) return refuse('BUNDLE_MALFORMED', `the bundle has more than ${width} entries`);
    const end = at + LENGTH_BYTES > bytes.length ? Infinity : at + LENGTH_BYTES + view.getUint16(at);
    if (end > bytes.length) return refuse('BUNDLE_MALFORMED', `entry ${entries.length} of the bundle is cut off`);
    entries.push(bytes.subarray(at + LENGTH_BYTES, end));
    at = end;
  }
  return entries.length === width
    ? accept(entries)
    : refuse('BUNDLE_MALFORMED', `the bundle has ${entries.length} entries instead of ${width}`);
}
