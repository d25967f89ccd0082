import { expect, test } from 'vitest';
import { AccountTable } from './account-table.ts';
import { UndoLog } from './table.ts';

const account = (asset: string, posted: bigint) => ({ id: 'alice', asset, posted, held: 0n });

test('an account of the same name in another asset is another one', () => {
  const undo = new UndoLog();
  const accounts = new AccountTable(undo);
  accounts.restore(account('TAO', 1n));
  accounts.put(account('TAO', 2n));
  accounts.put(account('USD', 3n));
  expect(['TAO', 'USD', 'EUR'].map((asset) => accounts.get(asset, 'alice')?.posted)).toEqual([2n, 3n, undefined]);
  undo.rollBack();
  expect([...accounts.values()]).toEqual([account('TAO', 1n)]);
  expect(accounts.takeChanges()).toEqual([
    { key: 'TAO/alice', row: account('TAO', 1n), wasThere: true },
    { key: 'USD/alice', row: undefined, wasThere: false },
  ]);
});
