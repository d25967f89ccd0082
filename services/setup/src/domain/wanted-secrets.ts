/** A certificate that a part of the system proves itself with. */
export interface WantedCertificate {
  readonly part: string;
  readonly secretName: string;
  readonly dnsNames: readonly string[];
}

/** Parts that open or accept connections. `cli` is for people: it may read, and make and end API keys. */
const PARTS = [
  'ledger',
  'scoring',
  'billing',
  'serving-gateway',
  'console',
  'operator',
  'nats',
  'postgres',
  'cli',
] as const;

/** Databases have a user of the same name each; `postgres` is the superuser that makes them at first start. */
const DATABASE_USERS = ['postgres', 'ledger', 'scoring', 'billing'] as const;

/** Certificates live this long; they are renewed when less than `RENEW_BEFORE_MS` is left. */
export const CERTIFICATE_VALID_MS = 90 * 24 * 3600 * 1000;
export const RENEW_BEFORE_MS = 30 * 24 * 3600 * 1000;
export const AUTHORITY_VALID_MS = 10 * 365 * 24 * 3600 * 1000;

/** Every certificate of a release in `namespace`. The first name is the one that others allow by. */
export function wantedCertificates(namespace: string): readonly WantedCertificate[] {
  return PARTS.map((part) => ({
    part,
    secretName: `subnetes-${part}-tls`,
    dnsNames: [
      `${part}.${namespace}.svc`,
      part,
      `${part}.${namespace}`,
      `${part}.${namespace}.svc.cluster.local`,
      'localhost',
    ],
  }));
}

/** Secrets with one key `password` each. */
export function wantedPasswords(): readonly string[] {
  return DATABASE_USERS.map((user) => `subnetes-database-${user}`);
}

/** True if a certificate must be made anew: it ends soon, or it lacks a name. */
export function isDue(
  certificate: { readonly notAfterMs: number; readonly dnsNames: readonly string[] },
  wanted: WantedCertificate,
  nowMs: number,
): boolean {
  return (
    certificate.notAfterMs - nowMs < RENEW_BEFORE_MS ||
    wanted.dnsNames.some((name) => !certificate.dnsNames.includes(name))
  );
}
