import { parse } from 'csv-parse/sync';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Daily closes of one market, oldest first; both lists have one entry a trading day. */
export type PriceHistory = { readonly dates: readonly string[]; readonly closes: readonly number[] };

/** Name of the data set in a subnet's policy. */
export const SP500_DAILY = 'sp500-daily';

const ROWS_MIN = 1000;

/**
 * Reads the S&P 500's daily closes (2000-01-03 to 2020-04-17) out of the installed npm package vega-datasets, or from
 * a file of the same format. The file's licence is not stated, so it is read where it is installed and never copied.
 * Throws Error with the place where the file is missing or not what it should be.
 */
export function readSp500(path?: string): PriceHistory {
  const file = path ?? installedFile();
  const rows: Record<string, string>[] = parse(readFileSync(file), { columns: true, skip_empty_lines: true });
  const dates = rows.map((row) => row['date'] ?? '');
  const closes = rows.map((row) => Number(row['close']));
  const broken = rows.findIndex(
    (_, index) =>
      !/^\d{4}-\d{2}-\d{2}$/.test(dates[index] ?? '') ||
      !((closes[index] ?? 0) > 0) ||
      (index > 0 && (dates[index] ?? '') <= (dates[index - 1] ?? '')),
  );
  if (broken !== -1) throw new Error(`row ${broken + 2} of ${file} is no trading day with a close`);
  if (rows.length < ROWS_MIN) throw new Error(`${file} holds ${rows.length} days, fewer than ${ROWS_MIN}`);
  return { dates, closes };
}

/** The package exports its entry file alone; the data lies beside the directory of that. */
function installedFile(): string {
  return join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '../data/sp500-2000.csv');
}
