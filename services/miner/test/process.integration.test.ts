import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newHotkeyFile } from '@subnetes/keys/key-file';
import { afterAll, expect, test } from 'vitest';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const model = fileURLToPath(new URL('../../../k8s/samples/finance/trainer/models/garch.onnx', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'subnetes-miner-process-'));
afterAll(() => rmSync(directory, { recursive: true }));

const hotkey = newHotkeyFile();
const hotkeyFile = join(directory, 'hotkey.json');
writeFileSync(hotkeyFile, JSON.stringify(hotkey));
const neuron = {
  networkId: '07'.repeat(32),
  registrationId: '01'.repeat(32),
  netuid: 1,
  ledgerUrl: '127.0.0.1:1',
  scoringUrl: '127.0.0.1:1',
  hotkeyFile,
};

/** Runs the miner until it ends by itself; returns its exit code and its last line on stderr, as Kubernetes shows it. */
async function run(file: object, models: string): Promise<{ code: number; line: { msg: string } }> {
  const neuronFile = join(directory, 'neuron.json');
  writeFileSync(neuronFile, JSON.stringify(file));
  return new Promise((resolve) => {
    const env = { NEURON_FILE: neuronFile, MODELS: models, PORT: '0', HEALTH_PORT: '0' };
    execFile(process.execPath, [main], { env }, (error, _stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : 0;
      resolve({ code, line: JSON.parse(stderr.trim().split('\n').at(-1) ?? '{}') as { msg: string } });
    });
  });
}

const models = (sha256: string) => JSON.stringify([{ mechanismId: 0, format: 'Onnx', file: model, sha256 }]);

test('a model with another hash ends the miner with a message that names both', async () => {
  const { code, line } = await run(neuron, models('0'.repeat(64)));
  expect(code).toBe(64);
  expect(line.msg).toMatch(
    /^ModelHashMismatch: .*garch\.onnx has sha256 [0-9a-f]{64}, but serves\.model\.sha256 is 0{64}$/,
  );
});

test.for([
  ['no list of models', neuron, 'x', /MODELS: write a JSON list/],
  ['a model without a hash', neuron, '[{"mechanismId":0,"format":"Onnx","file":"x"}]', /MODELS\.0\.sha256/],
  [
    'a neuron file with wrong fields',
    { ...neuron, networkId: 'x' },
    models('0'.repeat(64)),
    /networkId: write 64 hexadecimal digits/,
  ],
] as const)('%s ends the miner with a message that names the field', async ([, file, env, message]) => {
  const { code, line } = await run(file, env);
  expect([code, line.msg]).toEqual([64, expect.stringMatching(message)]);
});
