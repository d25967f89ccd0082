import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { panelQueries, substituteVariables } from '../src/panel-queries.ts';
import { ALERTS } from '../src/alerts/alerts.ts';

const ROOT = join(import.meta.dirname, '..');

test('promtool accepts the rules and their unit tests pass', () => {
  const checked = execFileSync('promtool', ['check', 'rules', join(ROOT, 'alerts/subnetes.rules.yaml')], {
    encoding: 'utf8',
  });
  expect(checked).toContain(`${ALERTS.length} rules found`);
  const tested = spawnSync('promtool', ['test', 'rules', join(ROOT, 'test/alerts.test.yaml')], { encoding: 'utf8' });
  expect(tested.stdout + tested.stderr).toContain('SUCCESS');
  expect(tested.status).toBe(0);
});

test('promtool takes every query of every panel as PromQL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'panel-queries-'));
  try {
    const values = { subnet: '.*', cluster: '.*', rateInterval: '1m', range: '10m' };
    const rules = panelQueries().map((query, index) => ({
      record: `panel:query:${index}`,
      expr: substituteVariables(query.expr, values),
    }));
    const file = join(folder, 'queries.yaml');
    writeFileSync(file, stringify({ groups: [{ name: 'panels', rules }] }));
    expect(execFileSync('promtool', ['check', 'rules', file], { encoding: 'utf8' })).toContain(
      `${rules.length} rules found`,
    );
    writeFileSync(
      file,
      stringify({ groups: [{ name: 'panels', rules: [{ record: 'a:b:c', expr: 'sum(rate(up{$subnet}))' }] }] }),
    );
    expect(spawnSync('promtool', ['check', 'rules', file]).status).not.toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
