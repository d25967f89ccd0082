import { readFileSync } from 'node:fs';
import path from 'node:path';

/** What test/reference wrote; hashes in base64 unless they are called sha256. */
export interface Vectors {
  readonly roots: readonly string[];
  readonly largeRoots: Readonly<Record<string, string>>;
  readonly compactRanges: Readonly<Record<string, readonly string[]>>;
  readonly inclusion: readonly { readonly index: number; readonly size: number; readonly proof: readonly string[] }[];
  readonly consistency: readonly {
    readonly first: number;
    readonly second: number;
    readonly proof: readonly string[];
  }[];
  readonly files: Readonly<Record<string, readonly { readonly path: string; readonly sha256: string }[]>>;
  readonly tilePaths: readonly {
    readonly level: number;
    readonly index: number;
    readonly width: number;
    readonly path: string;
  }[];
  readonly notes: readonly {
    readonly name: string;
    readonly note: string;
    readonly outcome: 'verified' | 'invalid' | 'unverified' | 'malformed';
    readonly verified: readonly string[];
    readonly unknown: number;
    readonly knownKeys: readonly string[];
  }[];
  readonly cosignatures: readonly {
    readonly note: string;
    readonly logVkey: string;
    readonly vkey: string;
    readonly seed: string;
    readonly timeSecs: number;
  }[];
}

export function readVectors(): Vectors {
  return JSON.parse(readFileSync(path.join(import.meta.dirname, 'vectors.json'), 'utf8')) as Vectors;
}
