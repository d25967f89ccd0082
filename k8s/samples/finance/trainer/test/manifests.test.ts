import { SCORE_TO_WEIGHT_RULE } from '@subnetes/validator/domain/score-to-weight';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { committedModels, manifestFiles } from '../src/write-manifests.ts';

const CONFIG_MAP_BYTES_MAX = 1024 * 1024;
const files = manifestFiles(committedModels());
const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

test('the committed manifests are what the generator writes', () => {
  for (const [name, text] of files) expect([name, read(name)]).toEqual([name, text]);
});

test('the market is a subnet, six miners and three validators in a namespace of their own', () => {
  const kinds = [...files.keys()].flatMap((name) => parseAllDocuments(read(name)).map((one) => one.get('kind')));
  const count = (kind: string) => kinds.filter((one) => one === kind).length;
  expect(['Namespace', 'ConfigMap', 'Subnet', 'Miner', 'Validator'].map(count)).toEqual([1, 1, 1, 6, 3]);
});

test('the rubric states how losses become weights', () => {
  const [subnet] = parseAllDocuments(read('20-subnet.yaml'));
  const rubric = subnet?.getIn(['spec', 'policy', 'mechanisms', 0, 'evaluation', 'rubric']);
  expect(rubric).toContain(SCORE_TO_WEIGHT_RULE);
  expect(String(rubric).length).toBeLessThanOrEqual(2048);
});

test('the models fit into one ConfigMap', () => {
  expect([...committedModels().values()].reduce((sum, bytes) => sum + bytes.length, 0)).toBeLessThan(
    CONFIG_MAP_BYTES_MAX / 4,
  );
});
