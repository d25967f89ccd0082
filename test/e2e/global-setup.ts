import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import process from 'node:process';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    market: string;
  }
}

const ROOT = path.resolve(import.meta.dirname, '../..');

/** Runs one of the user's commands; its progress goes to our stderr. Returns what it printed. Throws when it fails. */
async function run(command: 'start' | 'stop', args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, ['k8s/start/start.mjs', command, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`npm ${command} ended with ${code}:\n${output.slice(-2000)}`);
  return output;
}

/** One market for all end-to-end tests: `npm start -- --json`, and `npm stop` when they are through. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const started = await run('start', ['--json']);
  project.provide('market', started.trim().split('\n').at(-1) ?? '');
  return async () => {
    await run('stop', []);
  };
}
