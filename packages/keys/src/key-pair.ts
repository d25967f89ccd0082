/** How a key signs. Its address does not tell: whoever verifies has to know. */
export type KeyScheme = 'sr25519' | 'ed25519';

export const KEY_SCHEMES: readonly KeyScheme[] = ['sr25519', 'ed25519'];

/** A key pair that has an address. */
export interface KeyPair {
  readonly scheme: KeyScheme;
  readonly publicKey: Uint8Array;
  /** SS58 form of the public key. */
  readonly address: string;
  /** 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}
