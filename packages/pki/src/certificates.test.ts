import { X509Certificate, sign, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  createAuthority,
  createTokenKeys,
  dnsNamesOf,
  issueCertificate,
  notAfterMs,
  readAuthority,
} from './certificates.ts';

const NOW_MS = Date.UTC(2026, 0, 1);
const DAY_MS = 24 * 3600 * 1000;
const leaf = {
  commonName: 'ledger',
  dnsNames: ['ledger.x.svc', 'ledger'],
  usages: ['server', 'client'] as const,
  validMs: 90 * DAY_MS,
};

test('a certificate of an authority that was written and read again verifies against it', async () => {
  const made = await createAuthority('test', NOW_MS, 3650 * DAY_MS);
  const authority = await readAuthority({ certificatePem: made.certificatePem, keyPem: made.keyPem });
  const issued = await issueCertificate(authority, leaf, NOW_MS);
  const certificate = new X509Certificate(issued.certificatePem);
  const issuer = new X509Certificate(made.certificatePem);
  expect(certificate.checkIssued(issuer)).toBe(true);
  expect(certificate.verify(issuer.publicKey)).toBe(true);
  expect(certificate.ca).toBe(false);
  expect(issuer.ca).toBe(true);
  expect(dnsNamesOf(issued.certificatePem)).toEqual(leaf.dnsNames);
  expect(notAfterMs(issued.certificatePem)).toBe(NOW_MS + 90 * DAY_MS);
});

test('another authority of the same name does not verify it', async () => {
  const [one, other] = [await createAuthority('test', NOW_MS, DAY_MS), await createAuthority('test', NOW_MS, DAY_MS)];
  const issued = await issueCertificate(one, leaf, NOW_MS);
  expect(new X509Certificate(issued.certificatePem).verify(new X509Certificate(other.certificatePem).publicKey)).toBe(
    false,
  );
});

test('a certificate is for its names and addresses alone, and carries the groups of a Kubernetes client', async () => {
  const authority = await createAuthority('test-ca', NOW_MS, DAY_MS);
  const issued = await issueCertificate(
    authority,
    {
      commonName: 'system:node:n',
      organizations: ['system:nodes'],
      dnsNames: ['a.svc'],
      ipAddresses: ['10.0.0.1'],
      usages: ['client', 'server'],
      validMs: DAY_MS,
    },
    NOW_MS,
  );
  const certificate = new X509Certificate(issued.certificatePem);
  expect(certificate.checkHost('a.svc')).toBe('a.svc');
  expect(certificate.checkIP('10.0.0.1')).toBe('10.0.0.1');
  expect(certificate.checkHost('b.svc')).toBeUndefined();
  expect(certificate.subject.split('\n')).toEqual(['O=system:nodes', 'CN=system:node:n']);
});

test('token keys belong together', async () => {
  const { publicPem, privatePem } = await createTokenKeys();
  const text = Buffer.from('token');
  expect(verify('sha256', text, publicPem, sign('sha256', text, privatePem))).toBe(true);
});
