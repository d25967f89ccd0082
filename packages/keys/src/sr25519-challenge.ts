import { bytesToNumberLE } from '@noble/curves/utils.js';
import { keccakP } from '@noble/hashes/sha3.js';

/** What somebody says: that the holder of a key signed a message. */
export interface Sr25519Claim {
  readonly message: Uint8Array;
  /** The point R and the scalar s, 32 bytes each; the highest bit marks it as sr25519. */
  readonly signature: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** 1,600 bits of Keccak, of which STROBE leaves 166 bytes to messages. */
const STATE_BYTES = 200;
const RATE_BYTES = 166;
/** The kinds of STROBE's operations that Merlin uses. */
const [META_AD, AD, PRF] = [0b1_0010, 0b0_0010, 0b0_0111];

const CHALLENGE_BYTES = 64;

/**
 * Merlin's transcripts over STROBE-128, the two operations that a signature's challenge takes. For public bytes alone:
 * nothing is wiped. Sources: merlin.cool, strobe.sourceforge.io/specs (1.0.2).
 */
class Transcript {
  readonly #bytes = new Uint8Array(STATE_BYTES);
  readonly #words = new Uint32Array(this.#bytes.buffer);
  #at = 0;
  /** Where the operation under way began, counted from 1. */
  #begin = 0;

  /** A transcript that goes on where another is, or a new one of Merlin's. */
  constructor(from?: Transcript) {
    if (from !== undefined) {
      this.#bytes.set(from.#bytes);
      this.#at = from.#at;
      this.#begin = from.#begin;
      return;
    }
    this.#bytes.set([1, RATE_BYTES + 2, 1, 0, 1, 96]);
    this.#bytes.set(bytesOf('STROBEv1.0.2'), 6);
    keccakP(this.#words);
    this.#operate(META_AD, bytesOf('Merlin v1.0'));
  }

  append(label: string, message: Uint8Array): void {
    this.#operate(META_AD, framed(label, message.length));
    this.#operate(AD, message);
  }

  /** The last thing that is done with a transcript: its state is not what STROBE would go on with. */
  challenge(label: string): Uint8Array {
    this.#operate(META_AD, framed(label, CHALLENGE_BYTES));
    this.#operate(PRF, new Uint8Array());
    if (this.#at !== 0) this.#permute();
    return this.#bytes.slice(0, CHALLENGE_BYTES);
  }

  #operate(kind: number, data: Uint8Array): void {
    const began = this.#begin;
    this.#begin = this.#at + 1;
    this.#absorb(Uint8Array.of(began, kind));
    this.#absorb(data);
  }

  #absorb(data: Uint8Array): void {
    for (const byte of data) {
      this.#mix(this.#at, byte);
      this.#at += 1;
      if (this.#at === RATE_BYTES) this.#permute();
    }
  }

  #permute(): void {
    this.#mix(this.#at, this.#begin);
    this.#mix(this.#at + 1, 0x04);
    this.#mix(RATE_BYTES + 1, 0x80);
    keccakP(this.#words);
    this.#at = 0;
    this.#begin = 0;
  }

  #mix(at: number, byte: number): void {
    this.#bytes[at] = (this.#bytes[at] ?? 0) ^ byte;
  }
}

/** A label as Merlin frames it: with the length of what follows. */
function framed(label: string, length: number): Uint8Array {
  const bytes = Buffer.alloc(label.length + 4);
  bytes.write(label);
  bytes.writeUInt32LE(length, label.length);
  return bytes;
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

const PROTOCOL = bytesOf('Schnorr-sig');
/** How every transcript of a signature begins. */
const BEGUN = new Transcript();
BEGUN.append('dom-sep', bytesOf('SigningContext'));
BEGUN.append('', bytesOf('substrate'));

/**
 * The challenge of a signature under the context `substrate`, before it is reduced by the order of the group. The bytes
 * of both points have to be canonical, which reading the points makes sure. Source: github.com/w3f/schnorrkel, sign.rs.
 */
export function challengeOf({ message, signature, publicKey }: Sr25519Claim): bigint {
  const transcript = new Transcript(BEGUN);
  transcript.append('sign-bytes', message);
  transcript.append('proto-name', PROTOCOL);
  transcript.append('sign:pk', publicKey);
  transcript.append('sign:R', signature.subarray(0, 32));
  return bytesToNumberLE(transcript.challenge('sign:c'));
}
