import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { networkIdOf } from '@subnetes/keys/canonical-hash';
import { newHotkeyFile, readHotkeyFile } from '@subnetes/keys/key-file';
import { sessionKeyOf } from '@subnetes/keys/session-key';
import type { Sr25519Pair } from '@subnetes/keys/sr25519-pair';
import { sampleGenesis } from '../genesis.ts';
import { UsageError } from '../options.ts';
import { sampleWallets } from '../wallets.ts';
import type { SampleWallets } from '../wallets.ts';

const BLOCK_TIME_MS = 500;

/** All that a run puts into the data folder, except `processes.json`: `--fresh` removes these and nothing else. */
const ENTRIES = [
  'wallets.json',
  'genesis.json',
  'gateway-key',
  'log-key',
  'api-key',
  'endpoints.json',
  'forecast.json',
  'nats',
  'ledger',
  'scoring',
  'billing',
  'spool',
  'page',
  'neurons',
  'logs',
] as const;
export type DevEntry = (typeof ENTRIES)[number];

/** Data of a market that runs as processes: made at first use, kept until `--fresh`. */
export interface DevFolder {
  at(entry: DevEntry, ...rest: readonly string[]): string;
  readonly wallets: SampleWallets;
  readonly genesis: ReturnType<typeof sampleGenesis>;
  /** Hex. */
  readonly networkId: string;
  /** Hex of the ed25519 key that miners know the gateway by. */
  readonly gatewayPublicKey: string;
  hotkey(neuron: string): Promise<{ readonly pair: Sr25519Pair; readonly file: string }>;
}

/** @throws UsageError when the kept market has blocks of another length than asked for. */
export async function openDevFolder(
  folder: string,
  options: { readonly fresh: boolean; readonly blockTimeMs: number | undefined },
): Promise<DevFolder> {
  const at: DevFolder['at'] = (entry, ...rest) => path.join(folder, entry, ...rest);
  if (options.fresh) await Promise.all(ENTRIES.map((entry) => rm(at(entry), { recursive: true, force: true })));
  await mkdir(folder, { recursive: true });
  const wallets = await sampleWallets(folder);
  const made = { ...sampleGenesis(wallets), blockTimeMs: options.blockTimeMs ?? BLOCK_TIME_MS };
  const genesis = JSON.parse(await keptText(at('genesis.json'), () => JSON.stringify(made))) as typeof made;
  if (options.blockTimeMs !== undefined && options.blockTimeMs !== genesis.blockTimeMs)
    throw new UsageError(`the market in ${folder} has blocks of ${genesis.blockTimeMs} ms: add --fresh for a new one`);
  await keptText(at('log-key'), () => randomBytes(32).toString('hex'));
  const gatewayKey = await keptText(at('gateway-key'), () => randomBytes(32).toString('hex'));
  return {
    at,
    wallets,
    genesis,
    networkId: Buffer.from(networkIdOf(genesis)).toString('hex'),
    gatewayPublicKey: Buffer.from(sessionKeyOf(Buffer.from(gatewayKey, 'hex')).publicKey).toString('hex'),
    async hotkey(neuron) {
      const file = at('neurons', neuron, 'hotkey.json');
      await mkdir(path.dirname(file), { recursive: true });
      return { file, pair: readHotkeyFile(await keptText(file, () => JSON.stringify(newHotkeyFile()))) };
    },
  };
}

/** The file's text; where there is none, it is made and kept for its owner alone. */
async function keptText(file: string, make: () => string): Promise<string> {
  const kept = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (kept !== undefined) return kept;
  const made = make();
  await writeFile(file, made, { mode: 0o600, flag: 'wx' });
  return made;
}
