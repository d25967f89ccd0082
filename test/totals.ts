/** What a run of vitest came to: counts, and each failure with its reason. */
import { readFileSync, writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import type { Reporter, SerializedError, TestModule, Vitest } from 'vitest/node';

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** One text a failure, to be said again at the end: of a log of an hour often the last lines alone are kept. */
  readonly failures: readonly string[];
}

type Errors = readonly SerializedError[];

/** Lines and characters of one reason: a difference is seen, and the dump of a log does not hide the next failure. */
const REASON_LINES = 30;
const REASON_CHARS = 3_000;

/** Writes the totals to a file when vitest ends, for whoever started it: test/run-all.ts. */
export class TotalsReporter implements Reporter {
  private vitest: Vitest | undefined;
  private readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  onInit(vitest: Vitest): void {
    this.vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: Errors): void {
    const root = this.vitest?.config.root ?? '';
    writeFileSync(this.file, JSON.stringify(totalsOf(modules, unhandled, root)));
  }
}

/** The totals that a reporter left in `file`; nothing when vitest crashed before it could write them. */
export function readTotals(file: string): Totals | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  return JSON.parse(text) as Totals;
}

/**
 * Counts of tests; hooks that failed, files that could not be loaded and errors that no test caught count as one failure each.
 * Paths within `root` are shortened.
 */
export function totalsOf(modules: readonly TestModule[], unhandled: Errors, root: string): Totals {
  const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
  const failures: string[] = [];
  const fail = (where: string, errors: Errors): void => {
    failures.push(`✘ ${where}\n${reasonOf(errors).replaceAll(`${root}/`, '')}`);
  };
  for (const module of modules) {
    const file = module.relativeModuleId;
    if (module.errors().length > 0) fail(file, module.errors());
    for (const suite of module.children.allSuites())
      if (suite.errors().length > 0) fail(`${file} > ${suite.fullName}`, suite.errors());
    for (const test of module.children.allTests()) {
      const result = test.result();
      counts[result.state] += 1;
      if (result.state === 'failed') fail(`${file} > ${test.fullName}`, result.errors);
    }
  }
  if (unhandled.length > 0) fail('an error that no test caught', unhandled);
  return { passed: counts.passed, failed: failures.length, skipped: counts.skipped + counts.pending, failures };
}

function reasonOf(errors: Errors): string {
  return errors
    .flatMap((error) => linesOf(error))
    .map((line) => `    ${line}`)
    .join('\n');
}

/** The message, the difference if there is one, and the calls that are ours. */
function linesOf(error: SerializedError): readonly string[] {
  const diff = typeof error['diff'] === 'string' ? error['diff'] : '';
  const text = stripVTControlCharacters(`${error.name ?? 'Error'}: ${error.message}\n${diff}`);
  const calls = (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /u.test(line) && !line.includes('node_modules'));
  return [...text.slice(0, REASON_CHARS).trimEnd().split('\n').slice(0, REASON_LINES), ...calls.slice(0, REASON_LINES)];
}
