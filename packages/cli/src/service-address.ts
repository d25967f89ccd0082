/** Services by the names that users know. */
export type ServiceName = 'ledger' | 'scoring' | 'billing';

/** PEM texts of the client's certificate and of whom it believes. */
export interface TlsFiles {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}
