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

interface PodSpec {
  readonly template: {
    readonly spec: { readonly containers: readonly { readonly env: readonly { name: string; value?: string }[] }[] };
  };
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

/** What a part's container is told. */
export function environmentOf(chart: readonly Rendered[], part: string): Readonly<Record<string, string | undefined>> {
  const { template } = objectOf(chart, 'Deployment', part).spec as PodSpec;
  return Object.fromEntries((template.spec.containers[0]?.env ?? []).map(({ name, value }) => [name, value]));
}

/** Ports that a part may reach at any address, which is how the chart lets out what has none known to it. */
export function openPorts(chart: readonly Rendered[], part: string): readonly number[] {
  const { egress } = objectOf(chart, 'NetworkPolicy', `subnetes-${part}`).spec as {
    readonly egress: readonly { readonly to?: unknown; readonly ports: readonly { readonly port: number }[] }[];
  };
  return egress.filter(({ to }) => to === undefined).flatMap(({ ports }) => ports.map(({ port }) => port));
}
