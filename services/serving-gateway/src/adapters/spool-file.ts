import {
  closeSync,
  fdatasync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/** One record: length and CRC-32 of what follows, both u32 big endian, then the bytes. */
const HEAD_BYTES = 8;
const RECORD_BYTES_MAX = 1024 * 1024;
const SEGMENT_BYTES_MAX = 1024 * 1024;
const NAME = /^[0-9]{10}\.spool$/;

interface Segment {
  readonly path: string;
  /** Records in it that nobody has taken off yet. */
  pending: number;
  bytes: number;
}

/** A record that stands in the spool until `done` is called. */
export interface Spooled {
  readonly bytes: Uint8Array;
  readonly done: () => void;
}

/**
 * An append-only log in a folder. The records of one turn of the event loop are written to the file together at its
 * end, which outlives the process, and synced to the disk right after, which outlives the node: a write each would keep
 * the other requests of the turn waiting. A segment goes when all its records are done.
 */
export class SpoolFile implements Disposable {
  readonly #folder: string;
  readonly #segments: Segment[] = [];
  #descriptor: number | undefined;
  #number = 0;
  #isSyncing = false;
  #isDirty = false;
  #syncError: Error | undefined;
  #unwritten: Buffer[] = [];
  #isScheduled = false;

  /** Opens the folder and answers what a former process left there, in order. A torn end is cut off. */
  static open(folder: string): { readonly spool: SpoolFile; readonly left: readonly Spooled[] } {
    mkdirSync(folder, { recursive: true });
    const spool = new SpoolFile(folder);
    const left: Spooled[] = [];
    const names = readdirSync(folder)
      .filter((name) => NAME.test(name))
      .toSorted();
    for (const name of names) {
      const path = join(folder, name);
      const records = recordsOf(readFileSync(path));
      const segment: Segment = { path, pending: records.length, bytes: statSync(path).size };
      spool.#segments.push(segment);
      spool.#number = Number.parseInt(name, 10);
      for (const bytes of records) left.push({ bytes, done: () => spool.#done(segment) });
    }
    spool.#dropDone();
    return { spool, left };
  }

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  /** The disk failed to sync; what was answered since may be lost with the node. */
  get syncError(): Error | undefined {
    return this.#syncError;
  }

  append(bytes: Uint8Array): Spooled {
    if (bytes.length > RECORD_BYTES_MAX) throw new RangeError(`a record of ${bytes.length} bytes is too long`);
    const segment = this.#writable();
    const record = Buffer.allocUnsafe(HEAD_BYTES + bytes.length);
    record.writeUInt32BE(bytes.length, 0);
    record.writeUInt32BE(crc32(bytes), 4);
    record.set(bytes, HEAD_BYTES);
    this.#unwritten.push(record);
    segment.bytes += record.length;
    segment.pending += 1;
    if (!this.#isScheduled) setImmediate(() => this.flush());
    this.#isScheduled = true;
    return { bytes, done: () => this.#done(segment) };
  }

  /** Writes what was appended; called by itself at the end of the turn. */
  flush(): void {
    this.#isScheduled = false;
    if (this.#unwritten.length === 0 || this.#descriptor === undefined) return;
    const bytes = Buffer.concat(this.#unwritten);
    this.#unwritten = [];
    for (let at = 0; at < bytes.length;) at += writeSync(this.#descriptor, bytes, at);
    this.#sync();
  }

  [Symbol.dispose](): void {
    this.flush();
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #writable(): Segment {
    const last = this.#segments.at(-1);
    if (this.#descriptor !== undefined && last !== undefined && last.bytes < SEGMENT_BYTES_MAX) return last;
    this.flush();
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#number += 1;
    const path = join(this.#folder, `${String(this.#number).padStart(10, '0')}.spool`);
    this.#descriptor = openSync(path, 'ax', 0o600);
    const segment: Segment = { path, pending: 0, bytes: 0 };
    this.#segments.push(segment);
    this.#dropDone();
    return segment;
  }

  #done(segment: Segment): void {
    segment.pending -= 1;
    if (segment.pending === 0) this.#dropDone();
  }

  /** The segment that is written to stays; it is small. */
  #dropDone(): void {
    const current = this.#descriptor === undefined ? undefined : this.#segments.at(-1);
    for (const segment of this.#segments.slice()) {
      if (segment === current || segment.pending > 0) continue;
      rmSync(segment.path, { force: true });
      this.#segments.splice(this.#segments.indexOf(segment), 1);
    }
  }

  #sync(): void {
    this.#isDirty = true;
    if (this.#isSyncing || this.#descriptor === undefined) return;
    this.#isSyncing = true;
    this.#isDirty = false;
    fdatasync(this.#descriptor, (error) => {
      this.#isSyncing = false;
      // A segment that was closed meanwhile reports a bad descriptor; its successor is synced next.
      this.#syncError = error === null || error.code === 'EBADF' ? undefined : error;
      if (this.#isDirty) this.#sync();
    });
  }
}

function recordsOf(file: Buffer): readonly Uint8Array[] {
  const records: Uint8Array[] = [];
  let at = 0;
  while (at + HEAD_BYTES <= file.length) {
    const length = file.readUInt32BE(at);
    const bytes = file.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length);
    if (length > RECORD_BYTES_MAX || bytes.length < length || crc32(bytes) !== file.readUInt32BE(at + 4)) break;
    records.push(new Uint8Array(bytes));
    at += HEAD_BYTES + length;
  }
  return records;
}
