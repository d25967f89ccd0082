import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureBinaries } from '#binaries.ts';
import { listenOnLoopback } from '#host-ports.ts';
import { ensureImage } from '#image-build.ts';
import { pushImages } from '#images.ts';
import { silent } from '#progress.ts';
import { CommandError } from '#run-command.ts';
import { staticImage } from '#system-images.ts';
import { waitUntil } from '#wait-until.ts';

let folder = '';
let address = '';
let registry: ChildProcess | undefined;

/** Debian's docker-registry on a free port of the loopback, with its data in a folder of its own. */
beforeAll(async () => {
  await ensureBinaries(['pause']);
  folder = await mkdtemp(join(tmpdir(), 'subnetes-registry-'));
  const probe = await listenOnLoopback(0);
  const bound = probe.address();
  address = `127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`;
  await new Promise((resolve) => probe.close(resolve));
  const config = `version: 0.1\nstorage: {filesystem: {rootdirectory: ${folder}/data}}\nhttp: {addr: ${address}}\n`;
  await writeFile(join(folder, 'config.yml'), config);
  registry = spawn('docker-registry', ['serve', join(folder, 'config.yml')], { stdio: 'ignore' });
  await waitUntil(async () => ((await fetch(`http://${address}/v2/`)).ok ? true : undefined), {
    timeoutMs: 15_000,
    what: 'the registry',
  });
});

afterAll(async () => {
  if (registry !== undefined && registry.exitCode === null) {
    registry.kill('SIGTERM');
    await once(registry, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
});

test('an image is built without a network, pushed, and there under its name with the same content', async () => {
  const image = await ensureImage(await staticImage('pause'), { onProgress: silent });
  expect(await pushImages([image], `${address}/team`, { onProgress: silent })).toEqual([
    `${address}/team/subnetes/pause:1`,
  ]);
  const answer = await fetch(`http://${address}/v2/team/subnetes/pause/manifests/1`, {
    headers: { accept: image.mediaType },
  });
  const manifest = (await answer.json()) as { layers: readonly { digest: string }[] };
  expect(manifest.layers.map((layer) => layer.digest)).toEqual(image.layers.map((layer) => layer.digest));
});

test('an unchanged image is taken from the store', async () => {
  const steps: string[] = [];
  await ensureImage(await staticImage('pause'), { onProgress: ({ step }) => void steps.push(step) });
  expect(steps).toEqual([]);
});

test('a registry that nobody serves is an error that names the image', async () => {
  const image = await ensureImage(await staticImage('pause'), { onProgress: silent });
  const pushing = pushImages([image], '127.0.0.1:1', { onProgress: silent });
  await expect(pushing).rejects.toThrow(CommandError);
  await expect(pushing).rejects.toThrow('127.0.0.1:1');
});
