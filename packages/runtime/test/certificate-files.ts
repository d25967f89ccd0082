import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { issueCertificate, type Authority } from '@subnetes/pki/certificates';
import type { TlsFiles } from '../src/tls.ts';

/** Writes a certificate of the issuer for `name` on loopback, good for both ends of a connection. */
export async function writePair(folder: string, issuer: Authority, name: string): Promise<TlsFiles> {
  const pair = await issueCertificate(
    issuer,
    {
      commonName: name,
      dnsNames: [name],
      ipAddresses: ['127.0.0.1'],
      usages: ['client', 'server'],
      validMs: 3_600_000,
    },
    Date.now(),
  );
  const at = (file: string) => join(folder, `${name}.${file}`);
  await writeFile(at('ca'), issuer.certificatePem);
  await writeFile(at('crt'), pair.certificatePem);
  await writeFile(at('key'), pair.keyPem);
  return { caFile: at('ca'), certFile: at('crt'), keyFile: at('key') };
}
