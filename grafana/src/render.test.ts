import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { METRICS, NEURON_TARGET_LABELS } from '@subnetes/telemetry/metric-names';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ALERTS } from './alerts/alerts.ts';
import { DASHBOARDS } from './dashboards/dashboards.ts';
import { panelQueries, substituteVariables } from './panel-queries.ts';
import { renderAll, staleFiles, writeFiles } from './render.ts';
import { RUNBOOKS } from './runbooks.ts';

const ROOT = join(import.meta.dirname, '..');
const RUNBOOK_FOLDER = join(ROOT, '..', 'docs', 'runbooks');
const panels = DASHBOARDS.flatMap((dashboard) =>
  dashboard.rows.flatMap((row) => row.panels.map((panel) => ({ dashboard, panel }))),
);

describe('rendered files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'grafana-render-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('are those that are committed', () => {
    expect(staleFiles(renderAll(), ROOT)).toEqual([]);
  });

  test('do not change between two renderings', () => {
    expect([...renderAll()]).toEqual([...renderAll()]);
  });

  test('that were edited, or whose source is gone, are named', () => {
    writeFiles(renderAll(), folder);
    expect(staleFiles(renderAll(), folder)).toEqual([]);
    writeFileSync(join(folder, 'dashboards', 'subnetes-subnet-health.json'), '{}');
    writeFileSync(join(folder, 'dashboards', 'left-over.json'), '{}');
    expect(staleFiles(renderAll(), folder)).toEqual([
      'dashboards/subnetes-subnet-health.json',
      'dashboards/left-over.json',
    ]);
    writeFiles(renderAll(), folder);
    expect(readdirSync(join(folder, 'dashboards'))).not.toContain('left-over.json');
  });
});

describe('dashboards', () => {
  test('have ids that Grafana takes, each once', () => {
    const uids = DASHBOARDS.map((dashboard) => dashboard.uid);
    expect(new Set(uids).size).toBe(uids.length);
    for (const uid of uids) expect(uid).toMatch(/^[a-z0-9-]{8,40}$/);
  });

  test.for(panels)(
    '$dashboard.uid: $panel.title has a unit, a description that says what to do, and queries',
    ({ panel }) => {
      expect(panel.unit).not.toBe('');
      expect(panel.description.length).toBeGreaterThan(80);
      expect(panel.queries.length).toBeGreaterThan(0);
    },
  );

  test('name no token: a proposal may call it otherwise', () => {
    expect([...renderAll()].filter(([, text]) => /\bTAO\b/.test(text)).map(([file]) => file)).toEqual([]);
  });

  test('answer "is it all right?" in a first row of whole width', () => {
    for (const dashboard of DASHBOARDS) {
      const width = dashboard.rows[0]!.panels.reduce((sum, panel) => sum + panel.width, 0);
      expect(width).toBe(24);
    }
  });

  test('hide no missing series behind a zero', () => {
    for (const query of panelQueries()) expect(query.expr).not.toMatch(/or\s+vector/);
  });

  test('leave no variable after substitution', () => {
    const values = { subnet: '.*', cluster: '.*', rateInterval: '1m', range: '10m' };
    for (const query of panelQueries()) expect(substituteVariables(query.expr, values)).not.toContain('$');
  });

  test('use only labels that the catalogue gives the metric, or that a scrape adds', () => {
    const added = new Set(['cluster', 'job', 'instance', 'le']);
    for (const { expr } of panelQueries()) {
      for (const [, metric = '', selector = ''] of expr.matchAll(/([a-z_]+)\{([^}]*)\}/g)) {
        const name = metric.replace(/_(bucket|sum|count)$/, '') as keyof typeof METRICS;
        const ofTarget = /^subnetes_(miner|validator)_/.test(name) ? NEURON_TARGET_LABELS : [];
        const allowed: readonly string[] = [...(METRICS[name]?.labels ?? []), ...ofTarget];
        for (const [, label = ''] of selector.matchAll(/(?:^|,)\s*([a-z_]+)(?:=|!)/g)) {
          expect([...allowed, ...added], `${label} of ${metric}`).toContain(label);
        }
      }
    }
  });

  test('lay no panel over another and none over the edge', () => {
    for (const [path, text] of renderAll()) {
      if (!path.endsWith('.json')) continue;
      const board = JSON.parse(text) as { panels: { gridPos: { x: number; y: number; w: number; h: number } }[] };
      const taken = new Set<string>();
      for (const { gridPos } of board.panels) {
        expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
            expect(taken.has(`${x}/${y}`)).toBe(false);
            taken.add(`${x}/${y}`);
          }
        }
      }
    }
  });
});

describe('runbooks', () => {
  test.for(RUNBOOKS)('%s.md exists', (runbook) => {
    expect(existsSync(join(RUNBOOK_FOLDER, `${runbook}.md`))).toBe(true);
  });

  test.for(ALERTS)('$name has the runbook of its own name and a dashboard that exists', (alert) => {
    expect(alert.runbook).toBe(alert.name.replace(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase());
    expect(DASHBOARDS.map((dashboard) => dashboard.uid)).toContain(alert.dashboardUid);
  });
});
