import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'csv-parse/sync';

const WINDOW = 256;

/** The newest closing prices of the sample's data, oldest first: what an application would send today. */
export async function newestCloses(root: string): Promise<number[]> {
  const text = await readFile(path.join(root, 'node_modules/vega-datasets/data/sp500-2000.csv'), 'utf8');
  const rows = parse(text, { columns: true, skip_empty_lines: true }) as { close: string }[];
  const closes = rows.slice(-WINDOW).map((row) => Number(row.close));
  if (closes.length < WINDOW || closes.some((close) => !(close > 0)))
    throw new Error('the S&P 500 file of vega-datasets is not as expected');
  return closes;
}
