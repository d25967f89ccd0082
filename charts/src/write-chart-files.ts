/** Writes what the chart takes from elsewhere: values.schema.json, the CRDs, dashboards and alert rules. `--check` only compares. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { valuesSchema } from './values.ts';

const CHART = path.resolve(import.meta.dirname, '../subnetes');
const ROOT = path.resolve(import.meta.dirname, '../..');

/** Folders that the chart holds a copy of, since Helm reads nothing outside a chart. */
const COPIES = [
  { from: 'crds', to: 'files/crds', ending: '.yaml' },
  { from: 'grafana/dashboards', to: 'files/dashboards', ending: '.json' },
  { from: 'grafana/alerts', to: 'files/alerts', ending: '.yaml' },
] as const;

/** Wanted content by path within the chart. */
export function chartFiles(): Map<string, string> {
  const schema = z.toJSONSchema(valuesSchema, { target: 'draft-7', io: 'input' });
  const files = new Map([['values.schema.json', `${JSON.stringify(schema, undefined, 2)}\n`]]);
  for (const { from, to, ending } of COPIES) {
    for (const name of readdirSync(path.join(ROOT, from)).filter((file) => file.endsWith(ending))) {
      files.set(`${to}/${name}`, readFileSync(path.join(ROOT, from, name), 'utf8'));
    }
  }
  return files;
}

/** Paths within the chart that differ from what is wanted, strays included. */
export function staleChartFiles(wanted: ReadonlyMap<string, string>): string[] {
  const differing = [...wanted].filter(([name, content]) => {
    const file = path.join(CHART, name);
    return !existsSync(file) || readFileSync(file, 'utf8') !== content;
  });
  const strays = COPIES.flatMap(({ to }) => {
    const folder = path.join(CHART, to);
    return existsSync(folder) ? readdirSync(folder).map((name) => `${to}/${name}`) : [];
  }).filter((name) => !wanted.has(name));
  return [...differing.map(([name]) => name), ...strays];
}

if (import.meta.main) {
  const wanted = chartFiles();
  const stale = staleChartFiles(wanted);
  const check = process.argv.includes('--check');
  for (const name of stale) {
    console.log(`${check ? 'differs' : 'written'}: charts/subnetes/${name}`);
    if (check) continue;
    const file = path.join(CHART, name);
    const content = wanted.get(name);
    if (content === undefined) {
      rmSync(file);
    } else {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
  }
  if (check && stale.length > 0) process.exitCode = 1;
}
