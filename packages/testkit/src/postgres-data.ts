import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Identity, type ProcessSpec, startProcess, temporaryFolder } from './processes.ts';

/** A data directory that does not exist yet. */
export interface NewData {
  /** Folder of the server's programs. */
  readonly binaries: string;
  /** Where it is to be. */
  readonly data: string;
  readonly user: string;
  readonly identity: Identity | undefined;
  readonly checksums: boolean;
}

/**
 * Makes a data directory: by initdb, or where `TESTKIT_CACHE` names a folder, as `npm test` does, as a copy of one that initdb made
 * there before, which takes a tenth of the time. All servers of one copy have one system identifier.
 */
export async function newData(wanted: NewData): Promise<void> {
  const cache = process.env['TESTKIT_CACHE'];
  if (cache === undefined) return initialise(wanted);
  const [version] = wanted.binaries.split('/').slice(-2);
  const template = join(cache, `postgres-${version}${wanted.checksums ? '-checksums' : ''}`);
  if (!existsSync(template)) await makeTemplate(cache, template, wanted);
  await copyData(template, wanted.data);
}

async function makeTemplate(cache: string, template: string, wanted: NewData): Promise<void> {
  await using own = await temporaryFolder('initdb', wanted.identity);
  const data = join(own.path, 'data');
  await initialise({ ...wanted, data });
  await mkdir(cache, { recursive: true });
  const part = await mkdtemp(`${template}.`);
  await copyData(data, join(part, 'data'));
  try {
    await rename(join(part, 'data'), template);
  } catch (error) {
    if (!existsSync(template)) throw error;
    // Another process was first; its own is as good.
  } finally {
    await rm(part, { recursive: true });
  }
}

function initialise({ binaries, data, user, identity, checksums }: NewData): Promise<void> {
  const basic = ['-D', data, '-U', user, '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'];
  const args = checksums ? [...basic, '--data-checksums'] : basic;
  return runToEnd({ command: join(binaries, 'initdb'), args, cwd: '/', identity });
}

/** With owner and modes. Whoever copies is root, or the one who will run the server. */
function copyData(from: string, to: string): Promise<void> {
  return runToEnd({ command: 'cp', args: ['-a', from, to], cwd: '/' });
}

/** @throws Error with its output for a program that does not end well */
export async function runToEnd(spec: ProcessSpec): Promise<void> {
  const made = await startProcess(spec);
  const code = await made.exited;
  if (code !== 0) throw new Error(`${spec.command} ended with ${code}:\n${made.output()}`);
}
