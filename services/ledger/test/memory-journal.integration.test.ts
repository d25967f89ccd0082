import { memoryDatabase, memoryJournal } from '../src/adapters/memory-journal.ts';
import { journalContract } from './journal.contract.ts';

journalContract('memory', async () => {
  const database = memoryDatabase();
  return { open: async () => memoryJournal(database), close: async () => {} };
});
