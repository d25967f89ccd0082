import { base64 } from '@scure/base';

/** Pieces of the texts that C2SP formats are made of. Each has one spelling, and no other is read. */

const UTF8 = new TextEncoder();
const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function bytesOfText(text: string): Uint8Array {
  return UTF8.encode(text);
}

/** Undefined unless the bytes are UTF-8. */
export function textOfBytes(bytes: Uint8Array): string | undefined {
  try {
    return STRICT_UTF8.decode(bytes);
  } catch {
    return undefined; // bytes from outside that are no text: the caller is told so by undefined
  }
}

export function base64Of(bytes: Uint8Array): string {
  return base64.encode(bytes);
}

/** Standard base64 with its padding; undefined for anything else, also where leftover bits are not zero. */
export function bytesOfBase64(text: string): Uint8Array | undefined {
  try {
    return base64.decode(text);
  } catch {
    return undefined; // text from outside that is no base64: the caller is told so by undefined
  }
}

/** A decimal number without leading zeros, up to 2^53 - 1; undefined for anything else. */
export function numberOfText(text: string): number | undefined {
  if (!/^(0|[1-9]\d{0,15})$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Names of keys: not empty, no Unicode space, no plus, no control character. */
export function isKeyName(name: string): boolean {
  return name !== '' && name.isWellFormed() && !/[\p{White_Space}+\p{Cc}]/u.test(name);
}

/** Notes hold no ASCII control character but the newline. */
export function hasControlCharacter(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- these characters are what is looked for
  return /[\u0000-\u0009\u000b-\u001f]/.test(text);
}
