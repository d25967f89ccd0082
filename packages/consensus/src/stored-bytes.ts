/**
 * UTF-8 of `canonicalJson(toStored(value))`, written into one buffer: an epoch of a full subnet is megabytes of text, and
 * strings put together from millions of pieces cost more than the epoch. Throws TypeError on what has no JSON form.
 */
export function storedBytes(value: unknown): Uint8Array<ArrayBuffer> {
  const writer = kept ?? new Writer();
  kept = undefined; // a value that throws leaves a writer behind that nobody uses again
  writer.clear();
  writer.value(value);
  const bytes = writer.copy();
  if (writer.capacity <= KEPT_BYTES_MAX) kept = writer;
  return bytes;
}

const FIRST_BYTES = 64 * 1024;
/** Above this a buffer is not kept for the next document. */
const KEPT_BYTES_MAX = 8 * 1024 * 1024;
/** Bytes that a number takes at most; strings and names ask for what they need. */
const NUMBER_BYTES = 32;
/** Numbers below it have five digits at most. */
const SMALL = 100_000;
const ZERO = 0x30;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const LIST = [0x5b, 0x5d] as const;
const OBJECT = [0x7b, 0x7d] as const;

let kept: Writer | undefined;

/** A kind of object: its members' names as they come, and in the order in which they are written, quoted, with a colon. */
interface Shape {
  readonly names: readonly string[];
  readonly inOrder: readonly (readonly [name: string, quoted: Uint8Array])[];
}

class Writer {
  #bytes = new Uint8Array(FIRST_BYTES);
  #end = 0;
  /** Kinds of object seen in this document, few; the newest first, since objects of a kind stand together. */
  #shapes: Shape[] = [];
  readonly #encoder = new TextEncoder();

  get capacity(): number {
    return this.#bytes.length;
  }

  clear(): void {
    this.#end = 0;
    this.#shapes = [];
  }

  copy(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#end);
  }

  value(value: unknown): void {
    switch (typeof value) {
      case 'bigint':
        return this.#bigint(value);
      case 'number':
        return this.#number(value);
      case 'string':
        return this.#string(value);
      case 'boolean':
        return this.#ascii(value ? 'true' : 'false');
      case 'object':
        if (value === null) return this.#ascii('null');
        return Array.isArray(value) ? this.#array(value) : this.#object(value);
      case 'undefined':
      case 'function':
      case 'symbol':
        throw new TypeError(`a ${typeof value} has no JSON form`);
    }
  }

  #reserve(count: number): void {
    if (this.#end + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#end + count));
    larger.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = larger;
  }

  #byte(byte: number): void {
    this.#bytes[this.#end] = byte;
    this.#end += 1;
  }

  #array(values: readonly unknown[]): void {
    this.#single(LIST[0]);
    for (let at = 0; at < values.length; at += 1) {
      if (at > 0) this.#single(COMMA);
      this.value(values[at]);
    }
    this.#single(LIST[1]);
  }

  #object(value: object): void {
    this.#single(OBJECT[0]);
    let isFirst = true;
    for (const [name, quoted] of this.#shapeOf(value).inOrder) {
      const member = (value as { readonly [name: string]: unknown })[name];
      if (member === undefined) continue;
      if (!isFirst) this.#single(COMMA);
      isFirst = false;
      this.#reserve(quoted.length);
      this.#bytes.set(quoted, this.#end);
      this.#end += quoted.length;
      this.value(member);
    }
    this.#single(OBJECT[1]);
  }

  #single(byte: number): void {
    this.#reserve(1);
    this.#byte(byte);
  }

  #shapeOf(value: object): Shape {
    const names = Object.keys(value);
    const at = this.#shapes.findIndex((shape) => isSame(shape.names, names));
    const shape = this.#shapes[at] ?? this.#newShape(names);
    if (at > 0) this.#shapes.splice(at, 1);
    if (at !== 0) this.#shapes.unshift(shape);
    return shape;
  }

  #newShape(names: readonly string[]): Shape {
    const sorted = names.toSorted((left, right) => (left < right ? -1 : left > right ? 1 : 0)); // by UTF-16 code units
    return { names, inOrder: sorted.map((name) => [name, this.#encoder.encode(`${JSON.stringify(name)}:`)] as const) };
  }

  #bigint(value: bigint): void {
    const number = Number(value); // what is not safe rounds to what is not safe
    this.#single(QUOTE);
    if (number >= 0 && number <= Number.MAX_SAFE_INTEGER) this.#whole(number);
    else this.#ascii(value.toString());
    this.#single(QUOTE);
  }

  #number(value: number): void {
    if (!Number.isFinite(value)) throw new TypeError(`${value} has no JSON form`);
    if (value >= 0 && Number.isSafeInteger(value)) this.#whole(value);
    else this.#ascii(String(value));
  }

  /** Digits of a safe whole number from 0. */
  #whole(value: number): void {
    this.#reserve(NUMBER_BYTES);
    if (value < SMALL) return this.#small(value);
    let count = 1;
    for (let limit = 10; limit <= value; limit *= 10) count += 1;
    let rest = value;
    for (let at = this.#end + count - 1; at >= this.#end; at -= 1) {
      const tenth = Math.floor(rest / 10);
      this.#bytes[at] = ZERO + (rest - 10 * tenth);
      rest = tenth;
    }
    this.#end += count;
  }

  /** Uids and weights, nearly all that there is: without a division in floating point. */
  #small(value: number): void {
    const bytes = this.#bytes;
    const end = this.#end + (value < 10 ? 1 : value < 100 ? 2 : value < 1000 ? 3 : value < 10_000 ? 4 : 5);
    let rest = value;
    for (let at = end - 1; at >= this.#end; at -= 1) {
      const tenth = (rest / 10) | 0;
      bytes[at] = ZERO + rest - 10 * tenth;
      rest = tenth;
    }
    this.#end = end;
  }

  #string(value: string): void {
    this.#reserve(value.length + 2);
    const start = this.#end;
    this.#byte(QUOTE);
    for (let at = 0; at < value.length; at += 1) {
      const code = value.charCodeAt(at);
      if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) {
        this.#end = start;
        return this.#escaped(value);
      }
      this.#byte(code);
    }
    this.#byte(QUOTE);
  }

  #escaped(value: string): void {
    const encoded = this.#encoder.encode(JSON.stringify(value));
    this.#reserve(encoded.length);
    this.#bytes.set(encoded, this.#end);
    this.#end += encoded.length;
  }

  #ascii(text: string): void {
    this.#reserve(text.length);
    for (let at = 0; at < text.length; at += 1) this.#byte(text.charCodeAt(at));
  }
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  if (left.length !== right.length) return false;
  for (let at = 0; at < left.length; at += 1) if (left[at] !== right[at]) return false;
  return true;
}
