/** A column of a table: its head, and on which side its cells stand. */
export interface Column {
  readonly head: string;
  readonly align?: 'left' | 'right';
}

const GAP = '  ';

/** Lines of a table as `kubectl` prints them: upper-case heads, cells padded, nothing after the last cell. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map((column, at) => Math.max(width(column.head), ...rows.map((row) => width(row[at] ?? ''))));
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, at) => padded(cells[at] ?? '', widths[at] ?? 0, column.align ?? 'left'))
      .join(GAP)
      .trimEnd();
  return [line(columns.map((column) => column.head)), ...rows.map(line)];
}

/** `gave ` one line a fact: `name  value`, values in one column. */
export function factLines(facts: readonly (readonly [name: string, value: string])[]): string[] {
  const widest = Math.max(0, ...facts.map(([name]) => width(name)));
  return facts.map(([name, value]) => `${padded(name, widest, 'left')}${GAP}${value}`);
}

function padded(text: string, to: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, to - width(text)));
  return align === 'right' ? space + text : text + space;
}

/** Characters, not UTF-16 units, so that signs such as ✔ count once. */
function width(text: string): number {
  return Array.from(text).length;
}
