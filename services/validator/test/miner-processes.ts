import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create } from '@bufbuild/protobuf';
import { bytesToHex } from '@noble/hashes/utils.js';
import { newHotkeyFile } from '@subnetes/keys/key-file';
import { NeuronSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { freePort } from '@subnetes/testkit/processes';
import { programEnvironment } from '@subnetes/testkit/program-environment';
import { NETUID, networkId } from './fake-market.ts';
import type { FakeMarket } from './fake-market.ts';

const MINER_MAIN = fileURLToPath(new URL('../../miner/src/main.ts', import.meta.url));
const MODELS = fileURLToPath(new URL('../../../k8s/samples/finance/trainer/models/', import.meta.url));

export type NeuronPlace = {
  readonly directory: string;
  readonly file: string;
  readonly hotkey: string;
  readonly id: string;
};

/** Registers a neuron with the fake ledger and writes what an operator would mount for it. */
export function placeNeuron(
  market: FakeMarket,
  root: string,
  neuron: { name: string; uid: number; stakeTao?: number; port?: number },
): NeuronPlace {
  const { name, uid, stakeTao = 0, port } = neuron;
  const directory = join(root, name);
  mkdirSync(directory);
  const hotkey = newHotkeyFile();
  const registrationId = createHash('sha256').update(name).digest();
  writeFileSync(join(directory, 'hotkey.json'), JSON.stringify(hotkey));
  const file = join(directory, 'neuron.json');
  const configuration = {
    networkId: bytesToHex(networkId),
    registrationId: registrationId.toString('hex'),
    netuid: NETUID,
    hotkey: hotkey.address,
    ledgerUrl: market.address,
    scoringUrl: market.address,
    hotkeyFile: join(directory, 'hotkey.json'),
    publicUrls: port === undefined ? [] : [`https://127.0.0.1:${port}`],
  };
  writeFileSync(file, JSON.stringify(configuration));
  const stake = { asset: 'TAO', amount: String(stakeTao * 1_000_000_000) };
  const fields = { netuid: NETUID, uid, hotkey: hotkey.address, registeredAtBlock: 10n + BigInt(uid), registrationId };
  market.neurons.set(uid, create(NeuronSchema, { ...fields, stake, validatorPermit: stakeTao > 0 }));
  return { directory, file, hotkey: hotkey.address, id: registrationId.toString('hex') };
}

/** Starts a reference miner as its own process, as a pod would. Its services must not be imported from here. */
export async function startMinerProcess(
  market: FakeMarket,
  root: string,
  miner: { name: string; uid: number; model: string },
): Promise<AsyncDisposable> {
  const port = await freePort();
  const place = placeNeuron(market, root, { ...miner, port });
  const file = join(MODELS, miner.model);
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
  const format = miner.model.endsWith('.onnx') ? 'Onnx' : 'Script';
  const child = spawn(process.execPath, [MINER_MAIN], {
    env: {
      ...programEnvironment(),
      NEURON_FILE: place.file,
      MODELS: JSON.stringify([{ mechanismId: 0, format, file, sha256 }]),
      PORT: String(port),
      HEALTH_PORT: '0',
      HOST: '127.0.0.1',
      LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return { [Symbol.asyncDispose]: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}
