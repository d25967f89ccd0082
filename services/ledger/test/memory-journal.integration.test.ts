import { memoryAccountHistory } from '../src/adapters/memory-account-history.ts';
import { memoryDatabase, memoryJournal } from '../src/adapters/memory-journal.ts';
import { emptyMemoryTree, memoryTree } from '../src/adapters/memory-tree.ts';
import { accountHistoryContract } from './account-history.contract.ts';
import { journalContract, type JournalUnderTest } from './journal.contract.ts';
import { settledContract } from './settled.contract.ts';
import { treeContract } from './tree.contract.ts';

const setUp = async (): Promise<JournalUnderTest> => {
  const database = memoryDatabase();
  return { open: async () => memoryJournal(database), close: async () => {} };
};
journalContract('memory', setUp);
settledContract('memory', setUp);

treeContract('memory', async () => {
  const [database, tree] = [memoryDatabase(), emptyMemoryTree()];
  return {
    open: async () => ({ store: memoryJournal(database), treeStore: memoryTree(database, tree) }),
    tamper: undefined,
    close: async () => {},
  };
});

accountHistoryContract('memory', async () => {
  const database = memoryDatabase();
  return {
    open: async () => ({ store: memoryJournal(database), history: memoryAccountHistory(database) }),
    close: async () => {},
    hasClock: false,
  };
});
