import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { runKernelEpoch } from '../../src/kernel.ts';
import { OWN_CASES, readCases } from '../case-folder.ts';
import { randomNetwork } from '../random-network.ts';
import type { VectorCase } from '../vector-case.ts';
import { type Evidence, textOf, type verdictOn } from './judge.ts';

/** Judges mutants, one after the other, each in a module graph of its own. Started by `run-mutation.ts`. */
export interface Task {
  /** Absolute path of the mutated file. */
  readonly path: string;
  readonly source: string;
}

/** What found a mutant, and by which kind of evidence; `nobody` when it survived. */
export interface Finding {
  readonly by: 'checks' | 'vectors' | 'kernel' | 'crash' | 'timeout' | 'nobody';
  readonly found: string;
}

type Judge = { readonly verdictOn: typeof verdictOn };

const PACKAGE_URL = new URL('../../', import.meta.url).href;
const NETWORKS = 300;
/** A case of 512 neurons takes longer than all others together and shows nothing that they do not. */
const LEFT_OUT = new Set(['classic-512-graph-blockwise']);
/** Kinds that go through the files that are mutated. */
const isWanted = ({ name, kind }: VectorCase): boolean => kind !== 'simulator' && !LEFT_OUT.has(name);

const stripped = new Map<string, string>();
let generation = 0;
let task: Task = { path: '', source: '' };

registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context);
    const graph = /\?graph=\d+$/.exec(context.parentURL ?? '')?.[0];
    if (graph === undefined || !resolved.url.startsWith(PACKAGE_URL) || resolved.url.includes('?')) return resolved;
    return { ...resolved, url: `${resolved.url}${graph}` };
  },
  load(url, context, nextLoad) {
    if (!/\?graph=\d+$/.test(url) || !url.includes('.ts?')) return nextLoad(url, context);
    const path = fileURLToPath(url.slice(0, url.indexOf('?')));
    return { format: 'module', source: path === task.path ? strip(task.source) : sourceOf(path), shortCircuit: true };
  },
});

function strip(source: string): string {
  return stripTypeScriptTypes(source);
}

function sourceOf(path: string): string {
  const known = stripped.get(path);
  if (known !== undefined) return known;
  const source = strip(readFileSync(path, 'utf8'));
  stripped.set(path, source);
  return source;
}

async function judge(evidence: Evidence): Promise<Finding> {
  generation += 1;
  const url = new URL(`judge.ts?graph=${generation}`, import.meta.url);
  try {
    const { verdictOn: decide } = (await import(url.href)) as Judge;
    return decide(evidence) ?? { by: 'nobody', found: '' };
  } catch (error) {
    return { by: 'crash', found: error instanceof Error ? error.message : String(error) };
  }
}

/** The kernel of the unchanged files: in a mutant's own graph it would share what is mutated. */
function kernelOutputs(): string[] {
  return Array.from({ length: NETWORKS }, (_, index) => textOf(runKernelEpoch(randomNetwork(index + 1).first)));
}

const evidence: Evidence = process.argv.includes('--no-evidence')
  ? { checks: false, cases: [], kernel: [] }
  : { checks: true, cases: readCases(OWN_CASES).filter(isWanted), kernel: kernelOutputs() };

process.on('message', (next: Task) => {
  task = next;
  void judge(evidence).then((finding) => process.send?.(finding));
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
