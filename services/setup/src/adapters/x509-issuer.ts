import { createAuthority, dnsNamesOf, issueCertificate, notAfterMs, readAuthority } from '@subnetes/pki/certificates';
import type { Issuer } from '#application/ports.ts';
import { AUTHORITY_VALID_MS, CERTIFICATE_VALID_MS } from '#domain/wanted-secrets.ts';

/** Issues ECDSA P-256 certificates that serve and authenticate. */
export function x509Issuer(nowMs: () => number): Issuer {
  return {
    createAuthority: () => createAuthority('subnetes', nowMs(), AUTHORITY_VALID_MS),
    async issue(pair, leaf) {
      const authority = await readAuthority(pair);
      return issueCertificate(
        authority,
        { ...leaf, usages: ['server', 'client'], validMs: CERTIFICATE_VALID_MS },
        nowMs(),
      );
    },
    read: (certificatePem) => ({ notAfterMs: notAfterMs(certificatePem), dnsNames: dnsNamesOf(certificatePem) }),
  };
}
