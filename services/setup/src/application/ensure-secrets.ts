import { isDue, wantedCertificates, wantedPasswords } from '#domain/wanted-secrets.ts';
import type { SecretData, SetupPorts } from './ports.ts';

const AUTHORITY_SECRET = 'subnetes-ca';
/** Public: whoever talks to the system verifies it with this. */
const AUTHORITY_BUNDLE = 'subnetes-ca-bundle';
/** ed25519 keys that sign what others verify: the gateway's receipts, the journal's checkpoints, a witness's epochs. */
const SIGNING_KEYS = ['subnetes-gateway-identity', 'subnetes-ledger-log', 'subnetes-witness-identity'] as const;

/**
 * Makes what is missing and renews what ends soon: authority, certificates, database passwords, signing
 * keys. Running it again changes nothing; two runs at once end with one result, since what exists is never overwritten
 * but for certificates that are due.
 */
export async function ensureSecrets(ports: SetupPorts, namespace: string): Promise<void> {
  const authority = await ensureAuthority(ports);
  await ports.store.applyConfigMap(AUTHORITY_BUNDLE, { 'ca.crt': authority.certificatePem });
  for (const wanted of wantedCertificates(namespace)) {
    const kept = await ports.store.readSecret(wanted.secretName);
    const certificatePem = kept?.['tls.crt'];
    if (
      certificatePem !== undefined &&
      kept?.['ca.crt'] === authority.certificatePem &&
      !isDue(ports.issuer.read(certificatePem), wanted, ports.nowMs())
    ) {
      continue;
    }
    const issued = await ports.issuer.issue(authority, { commonName: wanted.part, dnsNames: wanted.dnsNames });
    const data = { 'tls.crt': issued.certificatePem, 'tls.key': issued.keyPem, 'ca.crt': authority.certificatePem };
    if (kept === undefined) await ports.store.createSecret(wanted.secretName, 'kubernetes.io/tls', data);
    else await ports.store.replaceSecret(wanted.secretName, 'kubernetes.io/tls', data);
    ports.changed(wanted.secretName);
  }
  for (const name of wantedPasswords()) {
    await ensureSecret(ports, name, () => ({ password: ports.random.password() }));
  }
  for (const name of SIGNING_KEYS) {
    const made = await ensureSecret(ports, name, () => {
      const key = ports.random.signingKey();
      return { 'secret-key': key.secretKeyHex, 'public-key': key.publicKeyHex };
    });
    await ports.store.applyConfigMap(name, { 'public-key': made['public-key'] ?? '' });
  }
}

async function ensureAuthority(ports: SetupPorts): Promise<{ certificatePem: string; keyPem: string }> {
  const kept = await ports.store.readSecret(AUTHORITY_SECRET);
  if (kept !== undefined) return authorityOf(kept);
  const made = await ports.issuer.createAuthority();
  const data = { 'tls.crt': made.certificatePem, 'tls.key': made.keyPem };
  const isOurs = await ports.store.createSecret(AUTHORITY_SECRET, 'kubernetes.io/tls', data);
  if (isOurs) {
    ports.changed(AUTHORITY_SECRET);
    return made;
  }
  return authorityOf((await ports.store.readSecret(AUTHORITY_SECRET)) ?? {});
}

function authorityOf(data: SecretData): { certificatePem: string; keyPem: string } {
  const [certificatePem, keyPem] = [data['tls.crt'], data['tls.key']];
  if (certificatePem === undefined || keyPem === undefined) {
    throw new Error(
      `Secret ${AUTHORITY_SECRET} lacks tls.crt or tls.key: put it back from a backup, or delete it to start with a new authority`,
    );
  }
  return { certificatePem, keyPem };
}

async function ensureSecret(ports: SetupPorts, name: string, make: () => SecretData): Promise<SecretData> {
  const kept = await ports.store.readSecret(name);
  if (kept !== undefined) return kept;
  const made = make();
  if (await ports.store.createSecret(name, 'Opaque', made)) {
    ports.changed(name);
    return made;
  }
  return (await ports.store.readSecret(name)) ?? made;
}
