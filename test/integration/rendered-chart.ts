import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { binaryPath, ensureBinaries } from '@subnetes/local-cluster/binaries';
import { parseAllDocuments } from 'yaml';

const CHART = path.resolve(import.meta.dirname, '../../charts/subnetes');

/** An object of the chart, as far as the tests look into it. */
export interface Rendered {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: unknown;
}

/** The chart as Helm renders it, with values as for `--set`. @throws Error with Helm's words when it refuses */
export async function renderChart(...values: readonly string[]): Promise<readonly Rendered[]> {
  await ensureBinaries(['helm']);
  const set = values.flatMap((value) => ['--set', value]);
  const args = ['template', 'subnetes', CHART, '--namespace', 'subnetes-system', ...set];
  const rendered = execFileSync(binaryPath('helm'), args, { encoding: 'utf8', maxBuffer: 32 << 20, stdio: 'pipe' });
  return parseAllDocuments(rendered)
    .map((document) => document.toJS() as Rendered | null)
    .filter((object) => object !== null);
}

/** @throws Error where the chart has no such object */
export function objectOf(chart: readonly Rendered[], kind: string, name: string): Rendered {
  const found = chart.find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`the chart renders no ${kind} ${name}`);
  return found;
}
