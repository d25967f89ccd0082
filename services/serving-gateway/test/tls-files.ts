import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TlsFiles } from '@subnetes/runtime/tls';
import { createAuthority, issueCertificate } from '@subnetes/pki/certificates';

const VALID_MS = 3_600_000;

/** An authority and a certificate for each part, as the chart's Job makes them, in a folder. */
export async function writeTlsFiles<P extends string>(
  folder: string,
  parts: readonly P[],
): Promise<Readonly<Record<P, TlsFiles>>> {
  const authority = await createAuthority('test', Date.now(), VALID_MS);
  const caFile = join(folder, 'ca.crt');
  await writeFile(caFile, authority.certificatePem);
  const written = parts.map(async (part) => {
    const name = `${part}.subnetes-system.svc`;
    const spec = { commonName: name, dnsNames: [name, 'localhost'], ipAddresses: ['127.0.0.1'] };
    const leaf = await issueCertificate(
      authority,
      { ...spec, validMs: VALID_MS, usages: ['client', 'server'] },
      Date.now(),
    );
    const files = { caFile, certFile: join(folder, `${part}.crt`), keyFile: join(folder, `${part}.key`) };
    await writeFile(files.certFile, leaf.certificatePem);
    await writeFile(files.keyFile, leaf.keyPem);
    return [part, files] as const;
  });
  return Object.fromEntries(await Promise.all(written)) as Record<P, TlsFiles>;
}
