/** SHA-256 of some bytes: 32 bytes. Handed in, since Node and browsers have it in different places. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
