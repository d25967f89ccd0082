import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IndexedTable } from './indexed-table.ts';
import { UndoLog } from './table.ts';

interface Row {
  readonly id: number;
  readonly block: number;
}

const groupsOf = ({ block }: Row): readonly string[] => [`due/${block}`, 'all'];
const blocks = [1, 2, 3];

/** What is found, and what follows from the rows. */
function views(table: IndexedTable<Row>) {
  const rows = [...table.values()].toSorted((a, b) => a.id - b.id);
  return {
    found: [...blocks.map((block) => table.find(`due/${block}`)), table.find('all')],
    due: [...blocks.map((block) => rows.filter((row) => row.block === block)), rows],
  };
}

test('groups are what follows from the rows, whatever was put, removed and taken back', () => {
  const change = fc.record({
    id: fc.integer({ min: 8, max: 12 }),
    block: fc.option(fc.constantFrom(...blocks), { nil: undefined }),
  });
  const commands = fc.array(fc.record({ changes: fc.array(change, { maxLength: 5 }), isKept: fc.boolean() }));
  fc.assert(
    fc.property(commands, (all) => {
      const undo = new UndoLog();
      const table = new IndexedTable<Row>('rows', undo, groupsOf);
      for (const { changes, isKept } of all) {
        const before = views(table).found;
        for (const { id, block } of changes) {
          if (block === undefined) table.remove(String(id));
          else table.put(String(id), { id, block });
        }
        if (isKept) undo.keep();
        else undo.rollBack();
        const { found, due } = views(table);
        expect(found).toEqual(isKept ? due : before);
        expect(found).toEqual(due);
        expect(table.count('all')).toBe(table.size);
        expect(table.has('all')).toBe(table.size > 0);
      }
    }),
  );
});

test('what was read from the store is found, and is no change', () => {
  const table = new IndexedTable<Row>('rows', new UndoLog(), groupsOf);
  for (const id of [10, 9, 100]) table.restore(String(id), { id, block: 1 });
  expect(table.find('due/1').map(({ id }) => id)).toEqual([9, 10, 100]);
  expect(table.takeChanges()).toEqual([]);
});
