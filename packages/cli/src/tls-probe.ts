import { createHash, X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';

const PROBE_DEADLINE_MS = 5000;

/** The certificate that an endpoint serves. */
export interface ServedCertificate {
  readonly notAfterMs: number;
  readonly spkiSha256: Uint8Array;
}

/**
 * Reads the certificate of an https URL without trusting it: neurons are known by the key that they announced, not by an
 * authority. Throws what the connection threw.
 */
export async function readServedCertificate(url: string): Promise<ServedCertificate> {
  const { hostname, port } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<ServedCertificate>();
  const socket = connect(
    {
      host: hostname,
      port: Number(port === '' ? 443 : port),
      servername: hostname,
      rejectUnauthorized: false,
      timeout: PROBE_DEADLINE_MS,
    },
    () => {
      const { raw } = socket.getPeerCertificate();
      const certificate = new X509Certificate(raw);
      const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
      resolve({ notAfterMs: Date.parse(certificate.validTo), spkiSha256: createHash('sha256').update(spki).digest() });
    },
  );
  socket.on('error', reject);
  socket.on('timeout', () => reject(new Error(`no answer within ${PROBE_DEADLINE_MS / 1000} s`)));
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}
