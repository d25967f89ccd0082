// Must come first: @peculiar/x509's container registers its parsers through the Reflect metadata polyfill.
import 'reflect-metadata';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { X509Certificate } from '@peculiar/x509';
import type { JsonGeneralNames } from '@peculiar/x509';
import { randomBytes, webcrypto } from 'node:crypto';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
/** Certificates start earlier than now, for clocks of containers and virtual machines that lag. */
const BACKDATE_MS = 3600 * 1000;

export type PemPair = { readonly certificatePem: string; readonly keyPem: string };
export type Authority = PemPair & { readonly certificate: X509Certificate; readonly keys: webcrypto.CryptoKeyPair };

export type LeafSpec = {
  /** How long it is valid from now on, in milliseconds. */
  readonly validMs: number;
  readonly commonName: string;
  /** Kubernetes reads a client's groups from here. */
  readonly organizations?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly usages: readonly ('client' | 'server')[];
};

/** Makes a self-signed certificate authority (ECDSA P-256). */
export async function createAuthority(commonName: string, nowMs: number, validMs: number): Promise<Authority> {
  const keys = await generateKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...validity(nowMs, validMs),
    name: [{ CN: [commonName] }],
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign | KeyUsageFlags.digitalSignature, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate, keys, certificatePem: `${certificate.toString('pem')}\n`, keyPem: await privateKeyPem(keys) };
}

/** Reads an authority that `createAuthority` made. Throws where the texts are not such a pair. */
export async function readAuthority(pair: PemPair): Promise<Authority> {
  const certificate = new X509Certificate(pair.certificatePem);
  const der = Buffer.from(pair.keyPem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  const privateKey = await webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, true, ['sign']);
  const publicKey = await webcrypto.subtle.importKey('spki', certificate.publicKey.rawData, ALGORITHM, true, [
    'verify',
  ]);
  return { ...pair, certificate, keys: { privateKey, publicKey } };
}

/** End of a certificate's validity in unix milliseconds. Throws where the text is no certificate. */
export function notAfterMs(certificatePem: string): number {
  return new X509Certificate(certificatePem).notAfter.getTime();
}

/** The DNS names a certificate is for. */
export function dnsNamesOf(certificatePem: string): readonly string[] {
  const names = new X509Certificate(certificatePem).getExtension(SubjectAlternativeNameExtension);
  return (names?.names.toJSON() ?? []).filter((name) => name.type === 'dns').map((name) => String(name.value));
}

/** Issues a certificate with a new key. */
export async function issueCertificate(authority: Authority, spec: LeafSpec, nowMs: number): Promise<PemPair> {
  const keys = await generateKeys();
  const purposes = { client: ExtendedKeyUsage.clientAuth, server: ExtendedKeyUsage.serverAuth };
  const names: JsonGeneralNames = [
    ...(spec.dnsNames ?? []).map((value) => ({ type: 'dns' as const, value })),
    ...(spec.ipAddresses ?? []).map((value) => ({ type: 'ip' as const, value })),
  ];
  const organizations = spec.organizations ?? [];
  const certificate = await X509CertificateGenerator.create({
    ...validity(nowMs, spec.validMs),
    subject: [
      ...(organizations.length === 0 ? [] : organizations.map((name) => ({ O: [name] }))),
      { CN: [spec.commonName] },
    ],
    issuer: authority.certificate.subject,
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: authority.keys.privateKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension(spec.usages.map((usage) => purposes[usage])),
      await AuthorityKeyIdentifierExtension.create(authority.certificate),
      ...(names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)]),
    ],
  });
  return { certificatePem: `${certificate.toString('pem')}\n`, keyPem: await privateKeyPem(keys) };
}

/** Makes a key pair for what is signed without a certificate, such as tokens of service accounts. */
export async function createTokenKeys(): Promise<{ readonly publicPem: string; readonly privatePem: string }> {
  const keys = await generateKeys();
  const spki = await webcrypto.subtle.exportKey('spki', keys.publicKey);
  return { publicPem: pem('PUBLIC KEY', spki), privatePem: await privateKeyPem(keys) };
}

function validity(nowMs: number, validMs: number): { notBefore: Date; notAfter: Date; serialNumber: string } {
  return {
    // The leading 4 keeps the number positive and of full length (RFC 5280 4.1.2.2).
    serialNumber: `4${randomBytes(16).toString('hex').slice(1)}`,
    notBefore: new Date(nowMs - BACKDATE_MS),
    notAfter: new Date(nowMs + validMs),
  };
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function privateKeyPem(keys: webcrypto.CryptoKeyPair): Promise<string> {
  return pem('PRIVATE KEY', await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
}

function pem(label: string, der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
