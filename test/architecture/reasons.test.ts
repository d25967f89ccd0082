import { ALL_REASONS, CONDITION_TYPES } from '@subnetes/crd/conditions';
import { expect, test } from 'vitest';
import { isTest, read, sources } from './repository.ts';

const PAGE = 'docs/runbooks/reasons.md';
const LINES = ['- By itself: ', '- You: '] as const;
/** What a heading has to say at least before its two lines. */
const MEANING_LENGTH_MIN = 30;

interface Section {
  readonly title: string;
  readonly text: string;
}

/** Sections of a Markdown page at one depth, each with its text down to the next heading of any depth. */
function sectionsOf(page: string, depth: 2 | 3): readonly Section[] {
  return [...page.matchAll(/^(#{1,6}) +(.+)\n([\s\S]*?)(?=^#{1,6} |$(?![\s\S]))/gm)]
    .filter(([, marks]) => marks?.length === depth)
    .map(([, , title = '', text = '']) => ({ title: title.trim(), text: text.trim() }));
}

/** What is wrong with the page of reasons; empty when every reason has its place and nothing else has one. */
function faultsOfReasons(page: string, reasons: readonly string[]): readonly string[] {
  const sections = sectionsOf(page, 3);
  const titles = sections.map(({ title }) => title);
  return [
    ...reasons.filter((reason) => !titles.includes(reason)).map((reason) => `${reason} has no heading`),
    ...titles.filter((title) => !reasons.includes(title)).map((title) => `${title} is no reason`),
    ...titles.filter((title, index) => titles.indexOf(title) !== index).map((title) => `${title} comes twice`),
    ...sections.flatMap(({ title, text }) => faultsOfText(title, text)),
  ];
}

function faultsOfText(title: string, text: string): readonly string[] {
  const missing = LINES.filter((line) => !text.split('\n').some((own) => own.startsWith(line) && own !== line.trim()));
  const [meaning = ''] = text.split(LINES[0]);
  return [
    ...missing.map((line) => `${title} lacks "${line.trim()}"`),
    ...(meaning.trim().length < MEANING_LENGTH_MIN ? [`${title} does not say what it means`] : []),
  ];
}

test('every reason has its place in the runbook, and nothing else has one', () => {
  expect(faultsOfReasons(read(PAGE), ALL_REASONS), 'see docs/runbooks/reasons.md').toEqual([]);
});

test('reasons are grouped by condition', () => {
  expect(sectionsOf(read(PAGE), 2).map(({ title }) => title)).toEqual(CONDITION_TYPES);
});

test('a place that is missing, empty, repeated or of no reason is named', () => {
  const written = (title: string) =>
    `### ${title}\n\nSomething that a person can read.\n\n- By itself: x.\n- You: y.\n\n`;
  const page = `# Page\n\n## Accepted\n\n${written('NoMandate')}${written('Paid')}`;
  expect(faultsOfReasons(page, ['NoMandate', 'Paid'])).toEqual([]);
  expect(faultsOfReasons(page, ['NoMandate', 'Paid', 'Ready'])).toEqual(['Ready has no heading']);
  expect(faultsOfReasons(page, ['NoMandate'])).toEqual(['Paid is no reason']);
  expect(faultsOfReasons(page + written('Paid'), ['NoMandate', 'Paid'])).toEqual(['Paid comes twice']);
  expect(faultsOfReasons(`${page}### Ready\n`, ['NoMandate', 'Paid', 'Ready'])).toEqual([
    'Ready lacks "- By itself:"',
    'Ready lacks "- You:"',
    'Ready does not say what it means',
  ]);
});

test('every reason is told by some code of the operator', () => {
  const told = sources()
    .filter((file) => file.startsWith('operator/src/') && !isTest(file) && !file.endsWith('/domain/reason.ts'))
    // The list of reasons that need a person tells none.
    .map((file) => read(file).replace(/const NEEDS_A_PERSON[\s\S]*?\]\);/, ''))
    .join('\n');
  expect(ALL_REASONS.filter((reason) => !told.includes(`'${reason}'`))).toEqual([]);
});
