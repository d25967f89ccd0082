/** Unsigned LEB128 of a whole number from 0. */
export function unsignedLeb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return bytes;
}

/** Signed LEB128 of a whole number from 0: as unsigned, with room for the sign. */
export function positiveLeb(value: number): number[] {
  const bytes = unsignedLeb(value);
  const last = bytes.at(-1) ?? 0;
  if (last < 0x40) return bytes;
  bytes[bytes.length - 1] = last | 0x80;
  bytes.push(0);
  return bytes;
}

export function concatenated(parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

/** Elements behind their number. */
export function vector(elements: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  return concatenated([unsignedLeb(elements.length), ...elements]);
}

/** Bytes behind their number. */
export function sized(content: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  return concatenated([unsignedLeb(content.length), content]);
}

export function section(id: number, content: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  return concatenated([[id], sized(content)]);
}

export function nameBytes(name: string): Uint8Array<ArrayBuffer> {
  return sized(new TextEncoder().encode(name));
}

/** Bytes that belong together, so that what is one line of code stays one. */
export function line(...bytes: readonly number[]): readonly number[] {
  return bytes;
}
