const [SPACE, QUOTE, MINUS, ZERO, BACKSLASH, TILDE] = [0x20, 0x22, 0x2d, 0x30, 0x5c, 0x7e];

/** UTF-8 bytes of a UTF-16 unit at most. */
const UNIT_BYTES = 3;

const INT32_MAX = 0x7f_ff_ff_ff;

/**
 * Texts one behind the other as UTF-8. Every entry is made into two texts of a dozen pieces, for its hash and for its row; joined as
 * strings each joint was an object, and all of them were half of what a transfer left to be cleared away.
 */
export class ByteText {
  #bytes: Buffer<ArrayBuffer>;
  #length = 0;

  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Those that were written. Not a copy: they hold until something else is written. */
  get bytes(): Buffer<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** All memory there is, which changes where it has to grow. */
  get memory(): Buffer {
    return this.#bytes;
  }

  clear(): void {
    this.#length = 0;
  }

  /** One of ASCII's characters. */
  code(code: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length] = code;
    this.#length += 1;
  }

  /** A text of ASCII, which its maker knows to be so. */
  ascii(text: string): void {
    const { length } = text;
    this.#reserve(length);
    const bytes = this.#bytes;
    const start = this.#length;
    for (let at = 0; at < length; at += 1) bytes[start + at] = text.charCodeAt(at);
    this.#length = start + length;
  }

  /** Any text. */
  text(text: string): void {
    this.#reserve(text.length * UNIT_BYTES);
    this.#length += this.#bytes.write(text, this.#length, 'utf8');
  }

  /** Hexadecimal digits, as the bytes that they stand for. */
  hex(digits: string): void {
    this.#reserve(digits.length);
    this.#length += this.#bytes.write(digits, this.#length, 'hex');
  }

  /** A text of printable ASCII without a backslash, which needs no escape in most formats. Of any other: nothing, and false. */
  plain(text: string): boolean {
    const { length } = text;
    this.#reserve(length);
    const bytes = this.#bytes;
    const start = this.#length;
    for (let at = 0; at < length; at += 1) {
      const code = text.charCodeAt(at);
      if (code < SPACE || code > TILDE || code === BACKSLASH) return false;
      bytes[start + at] = code;
    }
    this.#length = start + length;
    return true;
  }

  /** A text as JSON. */
  quoted(text: string): void {
    const { length } = text;
    this.#reserve(length + 2);
    const bytes = this.#bytes;
    const start = this.#length + 1;
    for (let at = 0; at < length; at += 1) {
      const code = text.charCodeAt(at);
      if (code < SPACE || code > TILDE || code === BACKSLASH || code === QUOTE) return this.text(JSON.stringify(text));
      bytes[start + at] = code;
    }
    bytes[start - 1] = QUOTE;
    bytes[start + length] = QUOTE;
    this.#length = start + length + 1;
  }

  /** A whole number in decimal digits. */
  number(value: number | bigint): void {
    const size = Math.abs(Number(value));
    if (size > Number.MAX_SAFE_INTEGER) return this.text(String(value));
    if (value < 0) this.code(MINUS);
    this.#digits(size);
  }

  #digits(value: number): void {
    let digits = 1;
    for (let power = 10; power <= value; power *= 10) digits += 1;
    this.#reserve(digits);
    const bytes = this.#bytes;
    let rest = value;
    let at = this.#length + digits;
    this.#length = at;
    while (rest > INT32_MAX) {
      const tenth = Math.floor(rest / 10);
      at -= 1;
      bytes[at] = ZERO + (rest - tenth * 10);
      rest = tenth;
    }
    do {
      const tenth = (rest / 10) | 0;
      at -= 1;
      bytes[at] = ZERO + (rest - tenth * 10);
      rest = tenth;
    } while (rest > 0);
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes > this.#bytes.length) this.#grow(bytes);
  }

  #grow(bytes: number): void {
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + bytes));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
