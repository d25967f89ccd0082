import { readHotkeyFile } from '@subnetes/keys/key-file';
import type { Sr25519Pair } from '@subnetes/keys/sr25519-pair';
import { ConfigError, fromUnknown } from '@subnetes/runtime/errors';
import { hexToBytes } from '@noble/hashes/utils.js';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const PUBLIC_URLS_MAX = 8;
const GATEWAYS_MAX = 64;

const hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'write 64 hexadecimal digits')
  .transform(hexToBytes);
/** gRPC knows addresses, people write URLs; both are taken. */
const address = z
  .string()
  .min(1)
  .transform((text) => text.replace(/^[a-z]+:\/\//, '').replace(/\/$/, ''));

const neuronFileSchema = z.object({
  networkId: hash,
  registrationId: hash,
  netuid: z.int().min(0).max(65_535),
  ledgerUrl: address,
  scoringUrl: address,
  /** Absent or empty: plain text, for processes on one machine. */
  caFile: z.string().optional(),
  hotkeyFile: z.string().min(1),
  /** Where this neuron is reached; a validator has none. */
  publicUrls: z.array(z.url()).max(PUBLIC_URLS_MAX).default([]),
  /** ed25519 keys of gateways that a miner serves. */
  gatewayPublicKeys: z.array(hash).max(GATEWAYS_MAX).default([]),
});

/** What the operator, or who runs a neuron elsewhere, tells it: `/etc/subnetes/neuron.json`. */
export type NeuronFile = Readonly<z.output<typeof neuronFileSchema>>;

/** Reads the file. @throws ConfigError that names each wrong field. */
export function readNeuronFile(path: string): NeuronFile {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new ConfigError(`${path} cannot be read as JSON: ${fromUnknown(cause).message}`, { cause });
  }
  const parsed = neuronFileSchema.safeParse(json);
  if (parsed.success) return Object.freeze(parsed.data);
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new ConfigError(`${path} is wrong: ${problems.join('; ')}`);
}

/** A neuron's hotkey and the text that it came from, from which a miner derives the keys that outlive a restart. */
export function readHotkey(path: string): { readonly pair: Sr25519Pair; readonly secretText: string } {
  try {
    const secretText = readFileSync(path, 'utf8');
    return { pair: readHotkeyFile(secretText), secretText };
  } catch (cause) {
    throw new ConfigError(`the hotkey file ${path} cannot be used: ${fromUnknown(cause).message}`, { cause });
  }
}
