import { ModuleFault } from './refusal.ts';

const LAST_BYTE_OF_U32 = 5;

/** Reads a stretch of a module from front to back. Every method throws `ModuleFault` where the bytes end too early. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  #at: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.#at = start;
    this.end = end;
  }

  /** In bytes from the beginning of the module. */
  get offset(): number {
    return this.#at;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.end;
  }

  byte(): number {
    const byte = this.#at < this.end ? this.bytes[this.#at] : undefined;
    if (byte === undefined) throw malformed('ends in the middle', this.#at);
    this.#at += 1;
    return byte;
  }

  /** An unsigned LEB128 of at most 32 bits. Padded forms are as good as short ones, as the format says. */
  u32(): number {
    const start = this.#at;
    let value = 0;
    for (let count = 1; count <= LAST_BYTE_OF_U32; count += 1) {
      const byte = this.byte();
      if (count === LAST_BYTE_OF_U32 && byte > 0x0f) break;
      value += (byte & 0x7f) * 2 ** (7 * (count - 1));
      if (byte < 0x80) return value;
    }
    throw malformed('an unsigned number of more than 32 bits', start);
  }

  /** A signed LEB128 of at most `bits`. */
  signed(bits: 32 | 33 | 64): bigint {
    const start = this.#at;
    const count = Math.ceil(bits / 7);
    let value = 0n;
    for (let index = 0; index < count; index += 1) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) {
        const signed = BigInt.asIntN(7 * (index + 1), value);
        if (BigInt.asIntN(bits, signed) === signed) return signed;
        break;
      }
    }
    throw malformed(`a signed number of more than ${bits} bits`, start);
  }

  /** A number of elements that follow, each of at least one byte. */
  count(what: string, max: number): number {
    const start = this.#at;
    const count = this.u32();
    if (count > max) throw new ModuleFault('MODULE_LIMIT', `${count} ${what}, ${max} at most`, start);
    return count;
  }

  name(): string {
    const length = this.u32();
    const start = this.#at;
    const part = this.skip(length);
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(part);
    } catch {
      throw malformed('a name that is not UTF-8', start); // the decoder's message says no more than this
    }
  }

  /** The next bytes, not copied. */
  skip(length: number): Uint8Array {
    if (length > this.end - this.#at)
      throw malformed(`${length} bytes announced, ${this.end - this.#at} left`, this.#at);
    const part = this.bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return part;
  }

  /** A reader of the next `length` bytes alone; this one goes on behind them. */
  part(length: number): ByteReader {
    const start = this.#at;
    this.skip(length);
    return new ByteReader(this.bytes, start, start + length);
  }

  expectEnd(what: string): void {
    if (!this.isAtEnd) throw malformed(`${what} ends before its announced length`, this.#at);
  }
}

export function malformed(message: string, offset: number | null): ModuleFault {
  return new ModuleFault('MODULE_MALFORMED', message, offset);
}
