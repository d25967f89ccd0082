import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { FILE_KEY_BYTES } from './identity-encryption.ts';

/** A file of age-encryption.org/v1, binary, with exactly one recipient: a round of a beacon (tlock's stanza). */
export interface AgeFile {
  readonly chainHash: string;
  readonly round: number;
  /** The file key, wrapped for the round. */
  readonly wrapped: Uint8Array;
  /** All bytes that the MAC covers. */
  readonly header: Uint8Array;
  readonly mac: Uint8Array;
  readonly nonce: Uint8Array;
  readonly payload: Uint8Array;
}

const VERSION = 'age-encryption.org/v1';
const LINE = 64;
const NONCE_BYTES = 16;
const CHUNK_BYTES = 64 * 1024;
const TAG_BYTES = 16;
/** Stanzas of other kinds are passed over, as the format asks; they may not fill the header. */
const HEADER_BYTES_MAX = 2048;

const STANZA = String.raw`-> [\x21-\x7e]+(?: [\x21-\x7e]+)*\n(?:[A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/]{0,63}\n`;
const HEADER = new RegExp(
  String.raw`^${VERSION.replaceAll('.', String.raw`\.`)}\n((?:${STANZA})+)---( [A-Za-z0-9+/]{43}\n)`,
);
const TLOCK = /^-> tlock ([1-9][0-9]{0,14}) ([0-9a-f]{64})\n([A-Za-z0-9+/\n]*)$/;

/** Reads a file; undefined for what is none, or is locked for something else than one round. Opens nothing. */
export function readAgeFile(file: Uint8Array): AgeFile | undefined {
  const head = Buffer.from(file.subarray(0, HEADER_BYTES_MAX)).toString('latin1');
  const match = HEADER.exec(head);
  if (match === null) return undefined;
  const [whole, stanzas = '', macText = ''] = match;
  const own = stanzas.split(/(?=^-> )/m).flatMap((stanza) => TLOCK.exec(stanza) ?? []);
  const [, round = '', chainHash = '', body = '', ...others] = own;
  const wrapped = bytesOfBase64(body.replaceAll('\n', ''));
  const mac = bytesOfBase64(macText.trim());
  if (own.length === 0 || others.length > 0 || wrapped === undefined || mac === undefined) return undefined;
  const rest = file.subarray(whole.length);
  if (rest.length < NONCE_BYTES + TAG_BYTES) return undefined;
  return {
    chainHash,
    round: Number(round),
    wrapped,
    header: file.subarray(0, whole.length - macText.length),
    mac,
    nonce: rest.subarray(0, NONCE_BYTES),
    payload: rest.subarray(NONCE_BYTES),
  };
}

/** Encrypts under a new file key, which `wrap` locks. */
export function writeAgeFile(
  target: { readonly chainHash: string; readonly round: number },
  plaintext: Uint8Array,
  wrap: (fileKey: Uint8Array) => Uint8Array,
): Uint8Array {
  const fileKey = randomBytes(FILE_KEY_BYTES);
  const body = base64Of(wrap(fileKey));
  const lines = Array.from({ length: Math.floor(body.length / LINE) + 1 }, (_, at) =>
    body.slice(at * LINE, (at + 1) * LINE),
  );
  const header = `${VERSION}\n-> tlock ${target.round} ${target.chainHash}\n${lines.join('\n')}\n---`;
  const mac = base64Of(macOf(fileKey, Buffer.from(header)));
  const nonce = randomBytes(NONCE_BYTES);
  const key = payloadKey(fileKey, nonce);
  return Buffer.concat([Buffer.from(`${header} ${mac}\n`), nonce, ...chunksOf(plaintext, CHUNK_BYTES).map(seal(key))]);
}

/** The content, once the file key is known; undefined when header or content were changed. */
export function openAgeFile(file: AgeFile, fileKey: Uint8Array): Uint8Array | undefined {
  if (!timingSafeEqual(macOf(fileKey, file.header), Buffer.from(file.mac))) return undefined;
  const key = payloadKey(fileKey, file.nonce);
  const sealed = chunksOf(file.payload, CHUNK_BYTES + TAG_BYTES);
  const opened: Uint8Array[] = [];
  for (const [counter, chunk] of sealed.entries()) {
    const isLast = counter === sealed.length - 1;
    const content = open(key, chunk, nonceOf(counter, isLast));
    // A last chunk is empty only where there is nothing at all: else two files would mean the same.
    if (content === undefined || (content.length === 0 && counter > 0)) return undefined;
    opened.push(content);
  }
  return Buffer.concat(opened);
}

function seal(key: Uint8Array): (chunk: Uint8Array, counter: number, all: readonly Uint8Array[]) => Uint8Array {
  return (chunk, counter, all) => {
    const nonce = nonceOf(counter, counter === all.length - 1);
    const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG_BYTES });
    return Buffer.concat([cipher.update(chunk), cipher.final(), cipher.getAuthTag()]);
  };
}

function open(key: Uint8Array, chunk: Uint8Array, nonce: Uint8Array): Uint8Array | undefined {
  if (chunk.length < TAG_BYTES) return undefined;
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(chunk.subarray(chunk.length - TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(chunk.subarray(0, chunk.length - TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined; // the tag does not fit
  }
}

/** Eleven bytes of counter, big endian, and one that marks the last chunk. */
function nonceOf(counter: number, isLast: boolean): Uint8Array {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(counter, 7);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

/** At least one chunk, of which only the last may be shorter. */
function chunksOf(bytes: Uint8Array, size: number): readonly Uint8Array[] {
  const count = Math.max(1, Math.ceil(bytes.length / size));
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
}

function macOf(fileKey: Uint8Array, header: Uint8Array): Buffer {
  const key = Buffer.from(hkdfSync('sha256', fileKey, Buffer.alloc(0), 'header', 32));
  return createHmac('sha256', key).update(header).digest();
}

function payloadKey(fileKey: Uint8Array, nonce: Uint8Array): Uint8Array {
  return Buffer.from(hkdfSync('sha256', fileKey, nonce, 'payload', 32));
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '');
}

/** Strictly: the one spelling of these bytes, without padding. */
function bytesOfBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  return base64Of(bytes) === text ? bytes : undefined;
}
