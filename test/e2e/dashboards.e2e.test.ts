import { panelQueries, substituteVariables } from '@subnetes/grafana/panel-queries';
import { request } from 'undici';
import { expect, test } from 'vitest';
import { endpoints } from './market.ts';

const VARIABLES = { subnet: '.*', cluster: '.*', rateInterval: '1m', range: '1h' };

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data?: { readonly result: readonly { readonly value: readonly [number, string] }[] };
}

async function ask(expr: string): Promise<Answer> {
  const url = new URL('/api/v1/query', endpoints().prometheus);
  url.searchParams.set('query', substituteVariables(expr, VARIABLES));
  const { body } = await request(url);
  return (await body.json()) as Answer;
}

test('there are three dashboards with panels', () => {
  expect(new Set(panelQueries().map(({ dashboard }) => dashboard)).size).toBeGreaterThanOrEqual(3);
  expect(panelQueries().length).toBeGreaterThan(20);
});

async function values(expr: string): Promise<readonly number[]> {
  const { status, error, data } = await ask(expr);
  if (status !== 'success') throw new Error(`${expr}: ${error}`);
  return (data?.result ?? []).map(({ value }) => Number(value[1]));
}

const waiting = { timeout: 120_000, interval: 1000 };
const named = panelQueries().map((query) => [query.dashboard, query.panel, query] as const);

const withTokens = named.filter(([, , { expects }]) => expects === 'data-with-tokens');
const always = named.filter((each) => !withTokens.includes(each));

test.for(withTokens)('%s: %s is asked for, and empty where subnets have no tokens', async ([, , { expr }]) => {
  expect(await values(expr)).toEqual([]);
});

test.for(always)('%s: %s has data', async ([, , { expr }]) => {
  await expect.poll(async () => (await values(expr)).length, { ...waiting, message: expr }).toBeGreaterThan(0);
});

test.for(named.filter(([, , { expects }]) => expects === 'above-zero'))(
  '%s: %s is above zero',
  async ([, , { expr }]) => {
    await expect.poll(async () => Math.max(...(await values(expr))), { ...waiting, message: expr }).toBeGreaterThan(0);
  },
);
