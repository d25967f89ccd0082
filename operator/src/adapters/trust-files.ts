import { readFileSync } from 'node:fs';

/** What neurons are told to believe in. */
export interface Trust {
  readonly caPem: string;
  /** Hexadecimal ed25519 keys. */
  readonly gatewayPublicKeys: readonly string[];
}

/** Mounted ConfigMaps change on disk within a minute or so; reading them at each pass would be wasted. */
const REREAD_MS = 10_000;

/**
 * Certificates and gateway keys that neurons are told, as the mounted files say at present.
 *
 * @throws Error when a file cannot be read; the pass fails and is tried again
 */
export function trustFromFiles(options: {
  readonly caBundleFile: string;
  readonly gatewayPublicKeysFile: string | undefined;
  readonly nowMs: () => number;
}): () => Trust {
  let cached: { readonly trust: Trust; readonly readAtMs: number } | undefined;
  return () => {
    const nowMs = options.nowMs();
    if (cached !== undefined && nowMs - cached.readAtMs < REREAD_MS) return cached.trust;
    const keys = options.gatewayPublicKeysFile === undefined ? '' : readFileSync(options.gatewayPublicKeysFile, 'utf8');
    const trust = {
      caPem: readFileSync(options.caBundleFile, 'utf8'),
      gatewayPublicKeys: keys.split(/\s+/).filter((key) => key !== ''),
    };
    cached = { trust, readAtMs: nowMs };
    return trust;
  };
}
