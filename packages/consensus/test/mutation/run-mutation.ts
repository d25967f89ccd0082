/**
 * `npm run mutation`: changes the reference implementation in small ways, one at a time, and counts how many the tests'
 * evidence finds. Options: `--json`; `--file NAME` (repeatable) for some files; `--no-evidence`, which must find nothing.
 * Exit code 1 below the bar, or when the list of equivalent mutants is wrong.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { equivalentReasons, keyOf } from './equivalent.ts';
import { JudgingProcess } from './judging-process.ts';
import { applyMutant, type Mutant, mutantsOf } from './mutants.ts';
import type { Finding } from './worker.ts';

/** What makes up an epoch. */
const FILES = [
  'fixed.ts',
  'sparse.ts',
  'median.ts',
  'permits.ts',
  'liquid-alpha.ts',
  'bonds.ts',
  'epoch.ts',
  'emission.ts',
  'check-input.ts',
];
const BAR_PERCENT = 90;
/** A mutant that needs longer than this, when all evidence takes a tenth of it, does not end. */
const TIMEOUT_MS = 10_000;

interface Judged {
  readonly mutant: Mutant;
  readonly finding: Finding;
}

async function judgeAll(files: readonly string[], evidence: boolean): Promise<Judged[]> {
  await using judging = new JudgingProcess({ timeoutMs: TIMEOUT_MS, evidence });
  const judged: Judged[] = [];
  for (const file of files) {
    const path = fileURLToPath(new URL(`../../src/${file}`, import.meta.url));
    const source = readFileSync(path, 'utf8');
    const unchanged = await judging.judge({ path, source });
    if (unchanged.by !== 'nobody')
      throw new Error(`${file} is found faulty without a change by ${unchanged.by}: ${unchanged.found}`);
    for (const mutant of mutantsOf(file, source)) {
      judged.push({ mutant, finding: await judging.judge({ path, source: applyMutant(source, mutant) }) });
    }
    console.error(`… ${file} ${judged.length}`);
  }
  return judged;
}

/** Figures of a run, and what is wrong with the list of equivalents. */
function summarise(judged: readonly Judged[], listed: ReadonlyMap<string, string>) {
  const survivors = judged.filter(({ finding }) => finding.by === 'nobody').map(({ mutant }) => mutant);
  const equivalent = survivors.filter((mutant) => listed.has(keyOf(mutant)));
  const survived = survivors.filter((mutant) => !listed.has(keyOf(mutant)));
  const killed = judged.length - survivors.length;
  const unexplained = new Set(listed.keys());
  for (const mutant of equivalent) unexplained.delete(keyOf(mutant));
  const foundBy = Object.groupBy(judged, ({ finding }) => finding.by);
  return {
    mutants: judged.length,
    killed,
    survived: survived.length,
    equivalent: equivalent.length,
    killedPercent: Math.round((1000 * killed) / Math.max(1, judged.length - equivalent.length)) / 10,
    crashes: Object.entries(
      Object.groupBy(
        judged.filter(({ finding }) => finding.by === 'crash'),
        ({ finding }) => finding.found,
      ),
    ).map(([found, list]) => ({ found, mutants: list?.length ?? 0 })),
    killedBy: Object.fromEntries(
      Object.entries(foundBy).flatMap(([by, list]) => (by === 'nobody' ? [] : [[by, list?.length ?? 0]])),
    ),
    survivors: survived.map((mutant) => ({
      file: mutant.file,
      line: mutant.line,
      text: mutant.text,
      change: mutant.change,
      nth: mutant.nth,
    })),
    /** Listed as equivalent, but found or no longer there. */
    wronglyListed: [...unexplained],
  };
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    'no-evidence': { type: 'boolean', default: false },
    file: { type: 'string', multiple: true },
  },
});
const files = values.file ?? FILES;
const judged = await judgeAll(files, !values['no-evidence']);
const summary = summarise(judged, values['no-evidence'] ? new Map() : equivalentReasons(files));
if (values.json) console.log(JSON.stringify(summary));
else {
  for (const { file, line, text, change } of summary.survivors) console.log(`${file}:${line}  ${change}  in  ${text}`);
  for (const key of summary.wronglyListed) console.log(`not equivalent, or not there: ${key}`);
  console.log(`killed by ${JSON.stringify(summary.killedBy)}`);
  console.log(
    `${summary.killed} killed, ${summary.survived} survived, ${summary.equivalent} equivalent: ${summary.killedPercent} %`,
  );
}
process.exitCode = summary.killedPercent >= BAR_PERCENT && summary.wronglyListed.length === 0 ? 0 : 1;
