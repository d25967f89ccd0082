import { MODULE_REFUSAL_CODES, RUN_REFUSAL_CODES } from '@subnetes/incentive/refusal';
import { MODULE_MISSING } from '@subnetes/policy/incentive-function';
import { PUBLISH_REFUSAL_CODES } from '@subnetes/scoring/application/publish-function';
import { REFUSAL_CODES } from '@subnetes/scoring/domain/refusal';
import { expect, test } from 'vitest';
import { isTest, read, sources } from './repository.ts';

const PAGE = 'docs/guides/weights.md';
const FUNCTIONS_PAGE = 'docs/guides/incentive-functions.md';
/** What meaning and advice have to say at least. */
const TEXT_LENGTH_MIN = 8;

interface CodeRow {
  readonly code: string;
  readonly meaning: string;
  readonly advice: string;
}

/** Rows of the tables that begin with a code. */
function codeRows(page: string): readonly CodeRow[] {
  return [...page.matchAll(/^\| `([A-Z][A-Z_]+)` \|(.*)$/gm)].map(([, code = '', rest = '']) => {
    const [meaning = '', advice = ''] = rest.split(/(?<!\\)\|/).map((cell) => cell.trim());
    return { code, meaning, advice };
  });
}

/** What is wrong with the tables of codes; empty when every code has its row and nothing else has one. */
function faultsOfCodes(page: string, codes: readonly string[]): readonly string[] {
  const rows = codeRows(page);
  const written = rows.map(({ code }) => code);
  const faults = [
    ...codes.filter((code) => !written.includes(code)).map((code) => `${code} has no row`),
    ...written.filter((code) => !codes.includes(code)).map((code) => `${code} is no code`),
    ...written.filter((code, at) => written.indexOf(code) !== at).map((code) => `${code} comes twice`),
    ...rows
      .filter(({ meaning, advice }) => Math.min(meaning.length, advice.length) < TEXT_LENGTH_MIN)
      .map(({ code }) => `${code} says too little`),
  ];
  const isOrdered = faults.length > 0 || written.every((code, at) => code === codes[at]);
  return isOrdered ? faults : ['the rows are not in the order of the list'];
}

test('every code that refuses weights has its row in the guide, and nothing else has one', () => {
  expect(faultsOfCodes(read(PAGE), REFUSAL_CODES), `see ${PAGE}`).toEqual([]);
});

test('every code that refuses an incentive function has its row in the guide, and is given by some code', () => {
  const codes = [...MODULE_REFUSAL_CODES, ...RUN_REFUSAL_CODES];
  const all = [...codes, MODULE_MISSING, ...PUBLISH_REFUSAL_CODES];
  expect(faultsOfCodes(read(FUNCTIONS_PAGE), all), `see ${FUNCTIONS_PAGE}`).toEqual([]);
  const given = sources()
    .filter((file) => file.startsWith('packages/incentive/src/') && !isTest(file) && !file.endsWith('/refusal.ts'))
    .map(read)
    .join('\n');
  expect(codes.filter((code) => !given.includes(`'${code}'`))).toEqual([]);
});

test('a row that is missing, of no code, repeated, empty or out of order is named', () => {
  const row = (code: string): string => `| \`${code}\` | Something is wrong. | Do another thing. |\n`;
  const page = `| code | meaning | what to do |\n|---|---|---|\n${row('NO_PERMIT')}${row('NO_COMMIT')}`;
  expect(faultsOfCodes(page, ['NO_PERMIT', 'NO_COMMIT'])).toEqual([]);
  expect(faultsOfCodes(page, ['NO_PERMIT', 'NO_COMMIT', 'SELF_WEIGHT'])).toEqual(['SELF_WEIGHT has no row']);
  expect(faultsOfCodes(page, ['NO_PERMIT'])).toEqual(['NO_COMMIT is no code']);
  expect(faultsOfCodes(page + row('NO_PERMIT'), ['NO_PERMIT', 'NO_COMMIT'])).toEqual(['NO_PERMIT comes twice']);
  expect(faultsOfCodes(page, ['NO_COMMIT', 'NO_PERMIT'])).toEqual(['the rows are not in the order of the list']);
  const silent = '| `NO_PERMIT` | Something is wrong. |  |\n';
  expect(faultsOfCodes(silent, ['NO_PERMIT'])).toEqual(['NO_PERMIT says too little']);
});

test('every code is given by some code of scoring, or of the envelope', () => {
  const given = sources()
    .filter((file) => /^(services\/scoring|packages\/keys)\/src\//.test(file) && !isTest(file))
    .filter((file) => file !== 'services/scoring/src/domain/refusal.ts')
    .map(read)
    .join('\n');
  expect(REFUSAL_CODES.filter((code) => !given.includes(`'${code}'`))).toEqual([]);
});
