/** Secret data as text by key. */
export type SecretData = Readonly<Record<string, string>>;

/** Secrets and ConfigMaps of the release's namespace, by name. */
export interface ObjectStore {
  /** Undefined where there is none. */
  readSecret(name: string): Promise<SecretData | undefined>;
  /** Makes a Secret. False if one of that name is there already: another run was quicker, and its content stands. */
  createSecret(name: string, type: string, data: SecretData): Promise<boolean>;
  replaceSecret(name: string, type: string, data: SecretData): Promise<void>;
  applyConfigMap(name: string, data: Readonly<Record<string, string>>): Promise<void>;
}

export interface Issuer {
  /** A new authority as PEM texts. */
  createAuthority(): Promise<{ readonly certificatePem: string; readonly keyPem: string }>;
  issue(
    authority: { readonly certificatePem: string; readonly keyPem: string },
    leaf: { readonly commonName: string; readonly dnsNames: readonly string[] },
  ): Promise<{ readonly certificatePem: string; readonly keyPem: string }>;
  read(certificatePem: string): { readonly notAfterMs: number; readonly dnsNames: readonly string[] };
}

export interface Randomness {
  /** A password with at least 190 bits. */
  password(): string;
  /** An ed25519 key pair in hex. */
  signingKey(): { readonly secretKeyHex: string; readonly publicKeyHex: string };
}

export interface SetupPorts {
  readonly store: ObjectStore;
  readonly issuer: Issuer;
  readonly random: Randomness;
  readonly nowMs: () => number;
  /** Called with each object that was made or renewed. */
  readonly changed: (what: string) => void;
}
