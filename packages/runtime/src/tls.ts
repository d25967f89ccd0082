import { readFileSync } from 'node:fs';
import { credentials, experimental, type ChannelCredentials, type ServerCredentials } from '@grpc/grpc-js';
import { ConfigError } from './errors.ts';

/** How often files are looked at for a renewed certificate. */
const REFRESH_MS = 10_000;

/** Files of a pod's certificate, as a Secret is mounted: they change when it is renewed. */
export interface TlsFiles {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export interface TlsTexts {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Reads all three. @throws ConfigError that names the file. */
export function readTls(files: TlsFiles): TlsTexts {
  return { ca: read(files.caFile), cert: read(files.certFile), key: read(files.keyFile) };
}

/** Calls `onChange` with the new texts whenever one of the files has another content; disposing stops it. */
export function watchTls(files: TlsFiles, onChange: (texts: TlsTexts) => void, refreshMs = REFRESH_MS): Disposable {
  let last = readTls(files);
  const timer = setInterval(() => {
    let next: TlsTexts;
    try {
      next = readTls(files);
    } catch {
      return; // a Secret is being swapped: the next look finds it whole
    }
    if (next.cert.equals(last.cert) && next.key.equals(last.key) && next.ca.equals(last.ca)) return;
    last = next;
    onChange(next);
  }, refreshMs).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/**
 * gRPC server credentials that follow the files. With `mutual` a caller needs a certificate of the same CA; without, it
 * may show one, as neurons and pods call on one port; grpc-js reports no names of a certificate that did not verify.
 */
export function grpcServerCredentials(files: TlsFiles, mutual: boolean): ServerCredentials {
  const provider = fileProvider(files);
  return experimental.createCertificateProviderServerCredentials(provider, provider, mutual);
}

/** gRPC client credentials that follow the files: this pod shows its certificate and trusts the CA's. */
export function grpcClientCredentials(files: TlsFiles): ChannelCredentials {
  const provider = fileProvider(files);
  return experimental.createCertificateProviderChannelCredentials(provider, provider);
}

/** gRPC client credentials that trust one CA and show nothing, as neurons have them; absent: plain text. */
export function grpcServerTrust(caFile: string | undefined): ChannelCredentials {
  return caFile === undefined ? credentials.createInsecure() : credentials.createSsl(read(caFile));
}

/** DNS names in a peer's certificate (`subjectaltname` of Node's getPeerCertificate). */
export function dnsNamesOf(subjectAltName: string | undefined): readonly string[] {
  return (subjectAltName ?? '')
    .split(', ')
    .filter((name) => name.startsWith('DNS:'))
    .map((name) => name.slice('DNS:'.length));
}

/**
 * Hands out the files' texts and tells when they change. Unlike grpc-js's own provider it has read them before the
 * port is bound: a client that dials at once is not dropped.
 */
function fileProvider(files: TlsFiles): experimental.CertificateProvider {
  const onCa = new Set<experimental.CaCertificateUpdateListener>();
  const onIdentity = new Set<experimental.IdentityCertificateUpdateListener>();
  let texts = readTls(files);
  const tellCa = (listener: experimental.CaCertificateUpdateListener): void => listener({ caCertificate: texts.ca });
  const tellIdentity = (listener: experimental.IdentityCertificateUpdateListener): void =>
    listener({ certificate: texts.cert, privateKey: texts.key });
  watchTls(files, (next) => {
    texts = next;
    for (const listener of onCa) tellCa(listener);
    for (const listener of onIdentity) tellIdentity(listener);
  });
  return {
    addCaCertificateListener(listener) {
      onCa.add(listener);
      queueMicrotask(() => tellCa(listener)); // grpc-js is ready to hear it only after this call
    },
    removeCaCertificateListener: (listener) => void onCa.delete(listener),
    addIdentityCertificateListener(listener) {
      onIdentity.add(listener);
      queueMicrotask(() => tellIdentity(listener));
    },
    removeIdentityCertificateListener: (listener) => void onIdentity.delete(listener),
  };
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new ConfigError(`the TLS file ${path} cannot be read`, { cause });
  }
}
