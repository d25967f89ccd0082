#!/usr/bin/env node
// Starts the CLI under Node 24, which runs its TypeScript as it stands; an older host Node hands over to the project's own.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MAJOR_MIN = 24;
const main = new URL('../src/main.ts', import.meta.url);

if (Number(process.versions.node.split('.')[0]) >= MAJOR_MIN) {
  const { main: run } = await import(main.href);
  process.exitCode = await run(process.argv.slice(2));
} else {
  const own = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url));
  if (!existsSync(own)) {
    console.error(
      `subnetes needs Node ${MAJOR_MIN}, this is ${process.versions.node}. Run npm ci in the checkout: it brings Node ${MAJOR_MIN}.`,
    );
    process.exit(69);
  }
  const child = spawnSync(own, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exit(child.status ?? 70);
}
