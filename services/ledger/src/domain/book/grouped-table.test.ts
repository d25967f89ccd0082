import { expect, test } from 'vitest';
import { GroupedTable } from './grouped-table.ts';
import { UndoLog } from './table.ts';

function filled() {
  const undo = new UndoLog();
  const table = new GroupedTable<number>('votes', undo);
  for (const [group, key, row] of [
    [1, 'a', 1],
    [1, 'b/c', 2],
    [11, 'a', 3],
  ] as const) {
    table.put(group, key, row);
  }
  undo.keep();
  return { undo, table };
}

test('a group is taken away a few rows at a time, and no other group is touched', () => {
  const { table } = filled();
  const taken: (readonly [string, number])[] = [];
  const take = (limit: number) => table.take(1, limit, (key, row) => taken.push([key, row]));
  expect([take(1), take(1), take(1)]).toEqual([1, 1, 0]);
  expect(taken).toEqual([
    ['a', 1],
    ['b/c', 2],
  ]);
  expect([...table.table.entries()]).toEqual([['11/a', 3]]);
});

test('what a refused command took or put is as it was', () => {
  const { undo, table } = filled();
  expect(table.take(1, 1)).toBe(1);
  table.put(1, 'new', 9);
  undo.rollBack();
  expect(table.get(1, 'new')).toBeUndefined();
  const taken: string[] = [];
  table.take(1, 9, (key) => taken.push(key));
  expect(taken.toSorted()).toEqual(['a', 'b/c']);
});

test('rows that were read from the store are found', () => {
  const table = new GroupedTable<number>('votes', new UndoLog());
  table.table.restore('7/x/y', 5);
  expect([table.get(7, 'x/y'), table.take(7, 9), table.table.size]).toEqual([5, 1, 0]);
});

test('a part of a command is taken back, and what came before stays', () => {
  const undo = new UndoLog();
  const table = new GroupedTable<number>('votes', undo);
  table.put(1, 'a', 1);
  const { mark } = undo;
  table.put(1, 'a', 2);
  table.put(1, 'b', 3);
  undo.rollBackTo(mark);
  expect([...table.table.entries()]).toEqual([['1/a', 1]]);
  undo.rollBack();
  expect(table.table.size).toBe(0);
});
