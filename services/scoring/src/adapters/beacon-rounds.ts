import { type Beacon, isRoundSignature, SIGNATURE_BYTES } from '@subnetes/timelock/beacon';
import { fromUnknown } from '@subnetes/runtime/errors';
import type { Logger } from '@subnetes/telemetry/logger';
import type { Metrics } from '@subnetes/telemetry/metrics';
import { z } from 'zod';
import type { BeaconRounds } from '#application/ports.ts';

export interface BeaconRoundsOptions {
  /** Base URLs of drand's HTTP API, asked in this order; `{chain}` in one is the beacon's chain hash. */
  readonly urls: readonly string[];
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly timeoutMs?: number;
}

/** One server's answer may take so long; the next one is asked then. */
const TIMEOUT_MS = 3000;
/** An answer is some 300 bytes. */
const BODY_BYTES_MAX = 4096;

const roundSchema = z.object({
  round: z.int().positive(),
  signature: z.string().regex(new RegExp(`^[0-9a-f]{${2 * SIGNATURE_BYTES}}$`)),
});

/** Fetches rounds over drand's HTTP API (`/public/{round}`). Nothing is believed but the beacon's own signature. */
export function beaconRounds(options: BeaconRoundsOptions): BeaconRounds {
  const { urls, metrics, log } = options;
  return {
    isConfigured: urls.length > 0,
    signature: async (beacon, round, signal) => {
      for (const url of urls) {
        const outcome = await ask(url, { beacon, round, signal, timeoutMs: options.timeoutMs ?? TIMEOUT_MS });
        const result = typeof outcome === 'string' ? outcome : 'verified';
        metrics.inc('subnetes_scoring_beacon_requests_total', { result });
        if (typeof outcome !== 'string') return outcome;
        if (signal.aborted) return undefined;
        log.warn({ url, round, result }, 'a round of the beacon was not to be had here');
      }
      return undefined;
    },
  };
}

type Failure = 'unreachable' | 'absent' | 'malformed' | 'forged';

async function ask(
  url: string,
  wanted: {
    readonly beacon: Beacon;
    readonly round: number;
    readonly signal: AbortSignal;
    readonly timeoutMs: number;
  },
): Promise<Uint8Array | Failure> {
  const { beacon, round } = wanted;
  const address = `${url.replace('{chain}', beacon.chainHash).replace(/\/$/, '')}/public/${round}`;
  let text: string;
  try {
    const signal = AbortSignal.any([wanted.signal, AbortSignal.timeout(wanted.timeoutMs)]);
    const response = await fetch(address, { signal, redirect: 'error', headers: { accept: 'application/json' } });
    if (!response.ok) {
      await response.body?.cancel();
      return response.status === 404 || response.status === 425 ? 'absent' : 'unreachable';
    }
    text = await limitedText(response);
  } catch (error) {
    return fromUnknown(error) instanceof BodyTooLong ? 'malformed' : 'unreachable';
  }
  const read = roundSchema.safeParse(jsonOf(text));
  if (!read.success || read.data.round !== round) return 'malformed';
  const signature = new Uint8Array(Buffer.from(read.data.signature, 'hex'));
  return isRoundSignature(beacon, round, signature) ? signature : 'forged';
}

class BodyTooLong extends Error {
  override readonly name = 'BodyTooLong';
}

async function limitedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX) throw new BodyTooLong(`more than ${BODY_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema says what is missing
  }
}
